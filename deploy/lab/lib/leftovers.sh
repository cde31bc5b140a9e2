# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Is anything left behind? Compares the machine before and after: not what a script believes to have made.

# The program runs on as a child subreaper (prctl(2)): whatever it starts stays below it in the tree of processes,
# daemons too. Needs nothing but Debian's own perl-base.
become_subreaper() {
    [ -z "${RESCUE_SUBREAPER:-}" ] || return 0
    export RESCUE_SUBREAPER=$$
    # 157 is prctl on x86-64, 36 is PR_SET_CHILD_SUBREAPER.
    exec perl -e 'syscall(157, 36, 1, 0, 0, 0) == 0 or die "prctl: $!"; exec @ARGV or die "$ARGV[0]: $!"' \
        /bin/bash "$0" "$@"
}

# Processes below this program, but for those that look for them: ps and the shells that it runs in.
descendants() {
    local snapshot
    snapshot=$(echo "$BASHPID" && exec ps -e -o pid=,ppid=,stat=,args=)
    awk -v root="$RESCUE_SUBREAPER" '
        NR == 1 { search = $1; next }
        { pid = $1; parent[pid] = $2; state[pid] = $3; $1 = $2 = $3 = ""; sub(/^ +/, ""); args[pid] = $0 }
        function is_ours(p) { while (p in parent && p != root) p = parent[p]; return p == root }
        END {
            for (p = search; p in parent; p = parent[p]) searching[p]
            for (p in args) if (!(p in searching) && state[p] !~ /^Z/ && is_ours(p)) print p, args[p]
        }' <<<"$snapshot" | sort
}

# Those with a name, and those of our own processes: others on this machine may have theirs.
network_namespaces() {
    local ours pid rest own
    ours=$(descendants)
    own=$(readlink /proc/self/ns/net)
    [ ! -d /run/netns ] || ls /run/netns
    while read -r pid rest; do
        [ -z "$pid" ] || readlink "/proc/$pid/ns/net" || true
    done <<<"$ours" | awk -v own="$own" '$0 != own' | sort -u
}

# What can be left, a file each in directory $1.
photograph_machine() {
    mkdir -p "$1"
    losetup --list --noheadings --output NAME,BACK-FILE | sort >"$1/loop devices"
    sed 's/^[0-9]* [0-9]* //' /proc/self/mountinfo | sort >"$1/mounts"
    find /sys/class/net -mindepth 1 | sort >"$1/network devices"
    find /tmp /var/tmp /run /dev/shm -xdev -maxdepth 1 -mindepth 1 | sort >"$1/entries in tmp and run"
    network_namespaces >"$1/network namespaces" || true
    descendants >"$1/processes"
    { ! command -v nft >/dev/null || nft list tables; } 2>/dev/null | sort >"$1/nft tables"
    find /sys/fs/cgroup -type d \( -name 'machine*' -o -name '*qemu*' -o -name '*libvirt*' \) | sort >"$1/control groups"
    find /etc /var/lib /var/log /var/cache /root /opt /srv -xdev -maxdepth 1 -mindepth 1 | sort >"$1/entries in etc and var"
}

# Lines that are in photograph $2 and were not in $1.
leftovers() {
    local before=$1 after=$2 kind
    for kind in "$before"/*; do
        kind=${kind##*/}
        comm -13 "$before/$kind" "$after/$kind" | sed "s/^/$kind: /"
    done
}

nothing_is_left() {
    photograph_machine "$1/after"
    leftovers "$1/before" "$1/after" >"$1/left"
    [ ! -s "$1/left" ]
}

# check_leftovers DIRECTORY: against the photograph in DIRECTORY/before. Where others work on the machine at the same
# time, theirs can't be told apart: RESCUE_LEFTOVERS=warn says so and goes on.
check_leftovers() {
    if wait_until 15 "the machine to be as before" nothing_is_left "$1"; then
        good "the machine is as before: $(cd "$1/before" && printf '%s, ' * | sed 's/, $//')"
        return 0
    fi
    indent <"$1/left"
    [ "${RESCUE_LEFTOVERS:-fail}" = warn ] || return 1
    warn "left behind, or made by somebody else meanwhile"
}
