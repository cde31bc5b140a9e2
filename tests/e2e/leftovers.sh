#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The last check of deploy/lab/demo and tests/run finds all that the run leaves behind, and nothing that others make on
# the machine meanwhile.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"
if [ "$(id -u)" != 0 ]; then
    echo "skip: needs root (mounts, loop devices, namespaces)"
    exit 77
fi

scratch=$(mktemp -d "${TMPDIR:-/tmp}/leftovers-XXXXXX")
mkdir -p "$root/build"
own=$(mktemp -d "$root/build/leftovers-XXXXXX") # one path in all mount namespaces
readonly scratch own neighbour=$scratch/neighbour
readonly others=(/tmp/neighbour-$$ /var/tmp/neighbour-$$ /dev/shm/neighbour-$$ /run/neighbour-$$)
mkdir "$neighbour"

# Ends the processes and loop devices that are recorded in folder $1.
end_what_runs_in() {
    local file
    for file in "$1"/*.pid; do [ ! -e "$file" ] || kill -KILL "$(<"$file")" 2>/dev/null || true; done
    for file in "$1"/*.loop; do [ ! -e "$file" ] || losetup --detach "$(<"$file")" || true; done
    rm -f "$1"/*.pid "$1"/*.loop
}
clean_up() {
    local code=$?
    trap - EXIT ERR
    end_what_runs_in "$own"
    end_what_runs_in "$neighbour"
    umount "$neighbour/mount" "/run/neighbour-$$" 2>/dev/null || true
    umount "$own/mount" 2>/dev/null || true
    rm -rf "$scratch" "$own" "${others[@]}"
    exit "$code"
}
trap clean_up EXIT

# subject SECONDS ACTION: a run that does ACTION.
cat >"$scratch/subject" <<SUBJECT
#!/bin/bash
set -euo pipefail
source "$root/deploy/lab/lib/output.sh"
source "$root/deploy/lab/lib/leftovers.sh"
begin_run "$scratch/place" "$own" -- "\$@"
cd "$own"
photograph_run before
eval "\$2"
check_leftovers "\$1" || exit 1
end_run
SUBJECT
chmod +x "$scratch/subject"

# Starts a daemon in a folder, outside of the tree of processes that started it.
start_in() {
    local folder=$1
    shift
    # shellcheck disable=SC2016 # expanded in the shell that becomes the daemon
    setsid --fork "$@" bash -c 'echo $$ >"$0/new" && mv "$0/new" "$0/daemon.pid" && exec sleep 1000' "$folder" </dev/null >/dev/null 2>&1
    wait_until 20 "a process to start" [ -e "$folder/daemon.pid" ]
}
make_all_that_others_make() {
    wait_until 20 "the run to begin" [ -e "$own/began" ]
    touch "${others[@]}"
    truncate -s 1M "/tmp/neighbour-$$"
    losetup --find --show "/tmp/neighbour-$$" >"$neighbour/first.loop"
    truncate -s 1M "$neighbour/deleted"
    losetup --find --show "$neighbour/deleted" >"$neighbour/second.loop"
    rm "$neighbour/deleted"
    mkdir "$neighbour/mount"
    mount -t tmpfs neighbour "$neighbour/mount"
    start_in "$neighbour" unshare --net --mount --ipc
    mount --bind "/proc/$(<"$neighbour/daemon.pid")/ns/net" "/run/neighbour-$$"
    touch "$neighbour/done"
}

make_all_that_others_make &
"$scratch/subject" 5 "touch began; wait_until 30 'others to work' [ -e '$neighbour/done' ]" ||
    fail 1 "the run is blamed for what others have made"
wait $! || fail 1 "the others have made nothing"
findmnt "$neighbour/mount" >/dev/null || fail 1 "the run has touched a mount of others"
[ -z "$(find "$scratch/place" -mindepth 1)" ] || fail 1 "the run has left its own folder"
good "files, mounts, namespaces, processes and loop devices of others are none of the run's"

# finds KIND PATTERN ACTION: check_leftovers reports the leftover of ACTION.
finds() {
    local kind=$1 pattern=$2 action=$3 code=0
    "$scratch/subject" 0 "$action" 2>"$scratch/said" || code=$?
    end_what_runs_in "$own"
    [ "$code" = 1 ] && grep --quiet "| $kind: .*$pattern" "$scratch/said" && return
    indent <"$scratch/said"
    fail 1 "exit code $code, and no report of $kind, after: $action"
}
start_in=$(declare -f start_in)
readonly start_in
finds files /tmp/left 'touch /tmp/left'
finds files /var/tmp/left 'mkdir /var/tmp/left'
finds files /dev/shm/left 'touch /dev/shm/left'
finds files /run/rescue-lab/left 'mkdir -p "/run/rescue-lab/left-$(run_name)"'
rmdir /run/rescue-lab/left-* && rmdir --ignore-fail-on-non-empty /run/rescue-lab
finds processes 'sleep 1000' "$start_in; start_in ."
finds namespaces 'net:' "$start_in; start_in . unshare --net"
finds namespaces "net:.* $own/net" 'touch net; unshare --net=net true'
finds mounts "$own/mount" 'mkdir mount; mount -t tmpfs left mount'
finds mounts "outside: $own/mount" 'nsenter --target $PPID --mount mount -t tmpfs left "$PWD/mount"'
umount "$own/mount"
finds 'loop devices' /tmp/left 'truncate -s 1M /tmp/left; losetup --find --show /tmp/left >left.loop'
finds 'loop devices' deleted 'truncate -s 1M disk; losetup --find --show disk >left.loop; rm disk'
finds 'loop devices' run 'truncate -s 1M "/run/disk-$(run_name)"; losetup --find --show "/run/disk-$(run_name)" >left.loop; rm /run/disk-*'
good "files, processes, namespaces, mounts and loop devices of the run are found"
