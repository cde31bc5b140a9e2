# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Processes by number and start time: another process may have the number by now.

# Prints the start time (clock ticks since boot) of process $1. Fails if there is none.
start_time_of() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    stat=${stat##*) } # the name may hold blanks and brackets
    # shellcheck disable=SC2086 # split on purpose: state is the 3rd field of proc(5), its threads the 20th, the start time the 22nd
    set -- $stat
    # A zombie whose other threads still end has its files open.
    [ "$1" != Z ] || [ "${18}" -gt 1 ] || return 1
    printf '%s' "${20}"
}

# Succeeds if process $1 started at $2.
is_running() { [ "$(start_time_of "$1")" = "$2" ]; }
is_gone() { ! is_running "$1" "$2"; }

# Prints the numbers of processes in any of the namespaces $@ ("net:[4026532000]"), one a line.
processes_in_namespaces() {
    local entry link
    { find /proc/[0-9]*/ns/net /proc/[0-9]*/ns/mnt -maxdepth 0 -printf '%p %l\n' 2>/dev/null || true; } |
        while read -r entry link; do
            case " $* " in *" $link "*) entry=${entry#/proc/} && printf '%s\n' "${entry%%/*}" ;; esac
        done
}
