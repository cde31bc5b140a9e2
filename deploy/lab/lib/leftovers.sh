# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Finds what this run left behind. Looks only at what the run can have made: others may use the machine at the same time.
#   processes, namespaces   below the run, which is a child subreaper, and namespaces mounted in it
#   mounts                  in the run's own mount namespace, and outside of it those below its folders
#   files                   in /tmp, /var/tmp and /dev/shm, which are the run's own
#   loop devices            over files below its folders, or with the run's name in the file's path
#   all else                by the names that the product and the lab use

# shellcheck source=processes.sh
source "$(dirname "${BASH_SOURCE[0]}")/processes.sh"

# begin_run PLACE [FOLDER...] -- ARGUMENT...: makes the program a run with traces that differ from those of others. Executes
# the program again with its ARGUMENTs, in a mount namespace and as a child subreaper (prctl(2)): all that it starts stays
# below it in the tree of processes, daemons too. The program then calls it again at the same point. $RESCUE_RUN is a folder
# of the run in PLACE, and its last part is the run's name; FOLDERs are other folders of this run alone. Without root there
# is no mount namespace.
begin_run() {
    local place=$1 folder mounts=()
    run_folders=()
    shift
    while [ "$1" != -- ]; do
        run_folders+=("$(realpath --canonicalize-missing "$1")")
        shift
    done
    shift
    if [ "${RESCUE_RUN_PID:-}" = $$ ]; then
        run_folders+=("$RESCUE_RUN")
        use_own_temporary_folders "$@"
        return
    fi
    mkdir -p "$place"
    # The run covers /tmp and /var/tmp, and keeps there only what exists.
    for folder in "${run_folders[@]}"; do
        [[ ! $folder =~ ^(/tmp|/var/tmp)/ ]] || mkdir -p "$folder"
    done
    place=$(realpath "$place")
    remove_ended_runs "$place"
    # A run inside a run has the names of both.
    RESCUE_RUN=$(mktemp --directory "$place/$(basename "${RESCUE_RUN:-run}").XXXXXX")
    RESCUE_RUN_PID=$$
    export RESCUE_RUN RESCUE_RUN_PID
    printf '%s %s\n' $$ "$(start_time_of $$)" >"$RESCUE_RUN/process"
    if [ "$(id -u)" = 0 ]; then
        unshare --mount true 2>/dev/null || fail 3 "root can't make a mount namespace here" "run it outside of the container, or without root"
        mounts=(unshare --mount --propagation private --)
    fi
    # shellcheck disable=SC2016 # Perl's variables
    # 157 is prctl on x86-64, 36 is PR_SET_CHILD_SUBREAPER. Perl is Debian's own perl-base.
    exec "${mounts[@]}" perl -e 'syscall(157, 36, 1, 0, 0, 0) == 0 or die "prctl: $!"; exec @ARGV or die "$ARGV[0]: $!"' \
        /bin/bash "$0" "$@"
}

run_name() { printf '%s' "${RESCUE_RUN##*/}"; }

# Removes the folders in $1 of runs that were killed, or failed.
remove_ended_runs() {
    local file pid start
    for file in "$1"/run.*/process; do
        { read -r pid start <"$file"; } 2>/dev/null || continue
        is_running "$pid" "$start" || remove_run "${file%/process}"
    done
}

# Removes the folder $1 of a run. No-op while something is mounted below it: its content would be removed too.
remove_run() {
    [ ! -L "$1/tmp" ] || rm -rf "$(readlink "$1/tmp")" 2>/dev/null || true
    ! awk -v folder="$1/" 'index($5, folder) == 1 { found = 1 } END { exit !found }' /proc/self/mountinfo || return 0
    rm -rf "$1" 2>/dev/null || true
}
end_run() {
    [ "$(id -u)" != 0 ] || umount --lazy /tmp /var/tmp /dev/shm
    remove_run "$RESCUE_RUN"
}

# Prints the entries of /tmp and /var/tmp on the paths $@, one a line.
entries_on_the_way_to() {
    local path top
    for path in "$@"; do
        path=$(realpath --canonicalize-missing -- "$path")
        for top in /tmp /var/tmp; do
            [[ $path == "$top"/* ]] || continue
            path=${path#"$top/"}
            [ ! -e "$top/${path%%/*}" ] || printf '%s\n' "$top/${path%%/*}"
        done
    done | sort --unique
}

# Covers /tmp, /var/tmp and /dev/shm. Files that the program's arguments name stay in place. Mounts by paths relative to an
# open folder, since absolute ones below /tmp are about to be covered.
use_own_temporary_folders() {
    local entries index top old_folder=$PWD
    if [ "$(id -u)" != 0 ]; then
        # Short: the path of a unix socket has 107 characters at most.
        TMPDIR=$(mktemp --directory /tmp/run.XXXXXX)
        export TMPDIR
        ln -s "$TMPDIR" "$RESCUE_RUN/tmp"
        return
    fi
    unset TMPDIR
    mapfile -t entries < <(entries_on_the_way_to "$old_folder" "$(dirname "${BASH_SOURCE[0]}")" "${run_folders[@]}" \
        ${RESCUE_BUILD:+"$RESCUE_BUILD"} ${RESCUE_IMAGE:+"$RESCUE_IMAGE"} ${RESCUE_IMAGE_KEY:+"$RESCUE_IMAGE_KEY"} \
        ${RESCUE_SYSTEM:+"$RESCUE_SYSTEM"} ${RESCUE_OWN_SYSTEM:+"$RESCUE_OWN_SYSTEM"} "$@")
    cd "$RESCUE_RUN" || return
    for index in "${!entries[@]}"; do
        make_mount_point_like "${entries[index]}" "kept$index"
        mount --rbind "${entries[index]}" "kept$index"
    done
    for top in tmp var-tmp; do
        mkdir --mode=1777 "$top"
        mount --bind "$top" "/${top/-//}"
    done
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    for index in "${!entries[@]}"; do
        make_mount_point_like "kept$index" "${entries[index]}"
        mount --move "kept$index" "${entries[index]}"
        if [ -d "kept$index" ]; then rmdir "kept$index"; else rm "kept$index"; fi
    done
    cd "$old_folder" || return
}

make_mount_point_like() { if [ -d "$1" ]; then mkdir "$2"; else : >"$2"; fi; }

# Prints the processes below this program, except ps and the shells that run it.
descendants() {
    local snapshot
    snapshot=$(echo "$BASHPID" && exec ps -e -o pid=,ppid=,stat=,args=)
    awk -v root="$RESCUE_RUN_PID" '
        NR == 1 { search = $1; next }
        { pid = $1; parent[pid] = $2; state[pid] = $3; $1 = $2 = $3 = ""; sub(/^ +/, ""); args[pid] = $0 }
        function is_ours(p) { while (p in parent && p != root) p = parent[p]; return p == root }
        END {
            for (p = search; p in parent; p = parent[p]) searching[p]
            for (p in args) if (!(p in searching) && state[p] !~ /^Z/ && is_ours(p)) print p, args[p]
        }' <<<"$snapshot" | sort
}

# Prints the namespaces of these processes, and the mounted ones (`ip netns` mounts them).
own_namespaces() {
    local ours pid rest own
    ours=$(descendants)
    own=$(readlink /proc/self/ns/{net,mnt,pid,ipc,uts})
    while read -r pid rest; do
        [ -z "$pid" ] || readlink "/proc/$pid"/ns/{net,mnt,pid,ipc,uts} || true
    done <<<"$ours" | sort --unique | grep --invert-match --line-regexp --fixed-strings "$own" || true
    awk '/ - nsfs / { print $4, $5 }' /proc/self/mountinfo
}

is_in_run_folders() {
    local folder
    for folder in "${run_folders[@]}"; do [[ $1 != "$folder"/* ]] || return 0; done
    return 1
}

own_mounts() {
    local place
    sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo
    # The parent process is still in the first mount namespace.
    [ -r "/proc/$PPID/mountinfo" ] || return 0
    awk '{ print $5 }' "/proc/$PPID/mountinfo" | while IFS= read -r place; do
        ! is_in_run_folders "$place" || printf 'outside: %s\n' "$place"
    done
}

# The kernel reports the path of a loop device's file as its creator saw it: other programs have their own /tmp.
own_loop_devices() {
    local device inode number file
    losetup --list --noheadings --raw --output NAME,BACK-INO,BACK-MAJ:MIN,BACK-FILE |
        while read -r device inode number file; do
            file=${file//\\x20/ }
            if [[ $file == *"$(run_name)"* ]] || is_in_run_folders "${file% (deleted)}" ||
                is_own_temporary "$file" "$inode ${number//\\x20/}"; then
                printf '%s %s\n' "$device" "$file"
            fi
        done
}
is_own_temporary() {
    [[ $1 =~ ^(/tmp|/var/tmp|/dev/shm)/ ]] && [ "$(stat --format '%i %Hd:%Ld' "$1" 2>/dev/null)" = "$2" ]
}

own_files() {
    find /tmp /var/tmp /dev/shm -xdev -maxdepth 1 -mindepth 1
    find /run /etc /var/lib /var/log /var/cache /root /opt /srv -xdev -maxdepth 1 -mindepth 1 \
        \( -name '*rescue*' -o -name '*netboot*' \) ! -path /run/rescue-lab 2>/dev/null || true
    find /run/rescue-lab -maxdepth 1 -name "*$(run_name)*" 2>/dev/null || true
}

# Writes a file for each kind of leftovers into folder $1 of the run. Without root there are few kinds.
photograph_run() {
    local folder=$RESCUE_RUN/$1
    mkdir -p "$folder"
    descendants >"$folder/processes"
    if [ "$(id -u)" != 0 ]; then
        find "$TMPDIR" -mindepth 1 -maxdepth 1 | sort >"$folder/files"
        return
    fi
    own_loop_devices | sort >"$folder/loop devices"
    own_mounts | sort >"$folder/mounts"
    own_files | sort >"$folder/files"
    own_namespaces | sort >"$folder/namespaces"
    find /sys/class/net -mindepth 1 -printf '%f\n' |
        grep --line-regexp --extended-regexp 'rsbr0|rstap0|ctl0|ctlp|rsvm0|rsvmp|prb0|prbp|lan|to-customer|port-.*' |
        sort >"$folder/network devices" || true
    { ! command -v nft >/dev/null || nft list tables; } 2>/dev/null | grep rescue | sort >"$folder/nft tables" || true
    find /sys/fs/cgroup -type d -name '*rescue*' | sort >"$folder/control groups"
}

# Prints the lines that are in photograph $2 and not in $1.
leftovers() {
    local before=$1 after=$2 kind
    for kind in "$before"/*; do
        kind=${kind##*/}
        comm -13 "$before/$kind" "$after/$kind" | sed "s/^/$kind: /"
    done
}

nothing_is_left() {
    photograph_run after
    leftovers "$RESCUE_RUN/before" "$RESCUE_RUN/after" >"$RESCUE_RUN/left"
    [ ! -s "$RESCUE_RUN/left" ]
}

# check_leftovers [SECONDS]: compares with `photograph_run before`.
# shellcheck disable=SC2120 # callers with the default are in other files
check_leftovers() {
    if wait_until "${1:-15}" "the run to leave nothing behind" nothing_is_left; then
        good "this run has left nothing behind: $(cd "$RESCUE_RUN/before" && printf '%s, ' * | sed 's/, $//')"
        return 0
    fi
    indent <"$RESCUE_RUN/left"
    return 1
}
