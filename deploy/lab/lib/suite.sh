# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Reads deploy/suites, the table of Debian releases. Runs on a minimal Debian: bash, coreutils and awk, no more.

suites_table=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../suites")
readonly suites_table
# Rescue system, stand-in and packages are made of this suite, on machines of other suites too.
# shellcheck disable=SC2034 # for those who source this file
readonly product_suite=bookworm

known_suites() { awk '$1 == "name" { for (i = 2; i <= NF; i++) print $i }' "$suites_table"; }

# The suite of this machine. A machine that is none of the table counts as the product's.
machine_suite() {
    local ID='' VERSION_CODENAME=''
    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || source /etc/os-release
    known_suites | grep --line-regexp --fixed-strings "${VERSION_CODENAME:-none}" || printf '%s\n' "$product_suite"
}

# suite_value SUITE NAME, for example `suite_value trixie release`.
suite_value() {
    awk -v suite="$1" -v name="$2" '
        $1 == "name" { for (i = 2; i <= NF; i++) if ($i == suite) column = i }
        $1 == name && column { print $column }' "$suites_table"
}

# list_packages SUITE LIST...: the packages in the files LIST, one a line, by the names that they have in SUITE.
list_packages() {
    local suite=$1
    shift
    awk -v suite="$suite" '
        FNR == 1 { file++ }
        { sub(/#.*/, ""); sub(/[ \t]+$/, "") }
        $0 == "" { next }
        file == 1 && $1 == "name" { for (i = 2; i <= NF; i++) if ($i == suite) column = i; next }
        file == 1 { if (column) names["{" $1 "}"] = $column; next }
        $0 in names { print names[$0]; next }
        /[{}]/ { printf "error: deploy/suites has no %s for %s\n", $0, suite >"/dev/stderr"; failed = 1; next }
        { print }
        END { exit failed }' "$suites_table" "$@"
}
