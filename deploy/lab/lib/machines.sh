# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The lab's machines: each a set of namespaces (network, mount, PID, UTS, IPC) held by its own init. Ending that init
# ends all processes in it. Uses $state, the lab's own directory.

lab_library=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly lab_library
# shellcheck source=processes.sh
source "$lab_library/processes.sh"

readonly machine_names=(datacentre customer server)
# Path of the programs under test inside machines.
readonly build_path=/run/build/bin
readonly system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Sets init_pid, init_start, init_namespaces of machine $1. Fails if there was none.
read_init() {
    init_pid='' init_start='' init_namespaces=''
    { read -r init_pid init_start init_namespaces <"$state/$1/init"; } 2>/dev/null
}

machine_is_up() { read_init "$1" && is_running "$init_pid" "$init_start"; }

machine_is_ready() { [ -e "$state/$1/ready" ]; }
# Succeeds if the machine is ready, or its init has ended before.
machine_is_settled() { machine_is_ready "$1" || { [ -e "$state/$1/init" ] && ! machine_is_up "$1"; }; }

# start_machine NAME HOSTNAME ROLE [NAME SOURCE]...: ROLE is server or other; the rest is for machine-init. A server
# gets all disks.
start_machine() {
    local name=$1 host_name=$2 role=$3 is_server=no
    shift 3
    [ "$role" != server ] || is_server=yes
    mkdir -p "$state/$name/log"
    rm -f "$state/$name/ready" "$state/$name/init"
    env -i "PATH=$system_path" LANG=C.UTF-8 "SERVER=$is_server" "DISKS=$(disk_devices)" \
        setsid --fork unshare --net --mount --propagation private --pid --fork --kill-child --uts --ipc -- \
        "$lab_library/machine-init" "$state/$name" "$host_name" library "$lab_library" "$@" \
        </dev/null >"$state/$name/log/init.log" 2>&1
    wait_until 20 "machine $name to be set up" machine_is_settled "$name" || true
    if machine_is_ready "$name"; then return 0; fi
    indent <"$state/$name/log/init.log"
    return 1
}

# in_machine NAME COMMAND...: runs it there, with a clean environment and the programs under test in PATH.
in_machine() {
    local name=$1 variable
    shift
    machine_is_up "$name" || fail 3 "the lab's machine '$name' is not up" "deploy/lab/host-lab up"
    local environment=("PATH=$build_path:$system_path" HOME=/run/home LANG=C.UTF-8 "TERM=${TERM:-dumb}")
    for variable in DISPLAY NO_COLOR ASAN_OPTIONS LSAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS; do
        [ -z "${!variable:-}" ] || environment+=("$variable=${!variable}")
    done
    [ "$name" != datacentre ] || environment+=("NETBOOT_URL=$netboot_url" NETBOOT_TOKEN_FILE=/run/lab/admin.token)
    nsenter --target "$init_pid" --net --mount --pid --uts --ipc -- env -i "${environment[@]}" "$@"
}

# Kills inits of machine $1 that have no record yet, since `up` was killed. Succeeds if there are none.
no_unrecorded_init() {
    local file pid none=0
    while IFS= read -r file; do
        grep --quiet --text --fixed-strings "$lab_library/machine-init" "$file" 2>/dev/null || continue
        pid=${file%/cmdline}
        kill -KILL "${pid#/proc/}" 2>/dev/null || true
        none=1
    done < <(grep --files-with-matches --fixed-strings --null-data --line-regexp "$state/$1" \
        /proc/[0-9]*/cmdline 2>/dev/null || true)
    return "$none"
}

# Ends machine $1 and all that is in its namespaces. No-op without one.
end_machine() {
    local name=$1 network mounts
    if ! machine_is_up "$name"; then
        wait_until 20 "unfinished machine $name to end" no_unrecorded_init "$name" || return 1
        return 0 # a bare `return` below a trap has the status from before it
    fi
    # Held open: meanwhile no other namespace can get their numbers.
    exec {network}<"/proc/$init_pid/ns/net" {mounts}<"/proc/$init_pid/ns/mnt"
    kill -KILL "$init_pid"
    wait_until 20 "machine $name to end" is_gone "$init_pid" "$init_start" || return 1
    wait_until 20 "the namespaces of $name to be left" namespaces_are_empty || return 1
    exec {network}<&- {mounts}<&-
    rm -f "$state/$name/init" "$state/$name/ready"
}

# Kills processes that entered the namespaces from outside: they do not end with the init.
namespaces_are_empty() {
    local pid empty=0
    # shellcheck disable=SC2086 # two names
    for pid in $(processes_in_namespaces $init_namespaces); do
        kill -KILL "$pid" 2>/dev/null || true
        empty=1
    done
    return "$empty"
}

# start_daemon MACHINE NAME COMMAND...: runs it in the background of that machine, with its output in log/NAME.log.
start_daemon() {
    local machine=$1 name=$2
    shift 2
    if daemon_is_running "$machine" "$name"; then fail 1 "$name is running already in $machine"; fi
    in_machine "$machine" /run/library/daemon start "$name" "$@"
}

# stop_daemon MACHINE NAME [SIGNAL]: sends the signal and waits for its end. Fails if it does not run.
stop_daemon() {
    in_machine "$1" /run/library/daemon signal "$2" "${3:-TERM}"
    wait_until 60 "$2 to end" daemon_is_gone "$1" "$2"
}

daemon_is_running() { in_machine "$1" /run/library/daemon running "$2"; }
daemon_is_gone() { ! daemon_is_running "$1" "$2"; }
