# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Output and waits of the lab's programs. Progress goes to stderr, with colours if that is a terminal.

[ -z "${lab_started:-}" ] || return 0 # sourced already

# Microseconds since the program began; subshells inherit the beginning.
readonly lab_started=${EPOCHREALTIME/[.,]/}
if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
    readonly bold=$'\e[1m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
    readonly bold='' red='' green='' yellow='' plain=''
fi
section_number=0

# "12.3", from microseconds.
seconds_text() {
    local tenths=$(($1 / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

elapsed_us() { printf '%d' $((${EPOCHREALTIME/[.,]/} - lab_started)); }

say() { printf '%7ss  %s\n' "$(seconds_text "$(elapsed_us)")" "$*" >&2; }

# Prints where an unexpected failure was, before `set -e` ends the program.
set -o errtrace
trap '[ "$BASH_SUBSHELL" != 0 ] || complain "command failed (line $LINENO of ${BASH_SOURCE[0]##*/}): $BASH_COMMAND"' ERR

# Prints the title of a numbered part.
section() {
    section_number=$((section_number + 1))
    printf '\n%s%7ss  %d. %s%s\n' "$bold" "$(seconds_text "$(elapsed_us)")" "$section_number" "$*" "$plain" >&2
}

good() { printf '%s%7ss  %s%s\n' "$green" "$(seconds_text "$(elapsed_us)")" "$*" "$plain" >&2; }
warn() { printf '%swarning: %s%s\n' "$yellow" "$*" "$plain" >&2; }
complain() { printf '%serror: %s%s\n' "$red" "$*" "$plain" >&2; }

# Indents text of others: a script, a log.
indent() { sed --unbuffered 's/^/          | /' >&2; }

# fail CODE MESSAGE [HINT]: ends the program. Codes as in the command-line tools: 1 failed, 2 usage, 3 precondition.
fail() {
    complain "$2"
    [ -z "${3:-}" ] || printf '  hint: %s\n' "$3" >&2
    exit "$1"
}

require_root() { [ "$(id -u)" = 0 ] || fail 3 "this needs root" "sudo $0"; }

# wait_until SECONDS DESCRIPTION COMMAND...: retries the command until it succeeds. Fails after the timeout.
wait_until() {
    local limit=$1 description=$2 deadline
    shift 2
    deadline=$((${EPOCHREALTIME/[.,]/} + limit * 1000000))
    until "$@"; do
        if [ "${EPOCHREALTIME/[.,]/}" -ge "$deadline" ]; then
            complain "timeout after ${limit} s of waiting for $description"
            return 1
        fi
        sleep 0.05
    done
}
