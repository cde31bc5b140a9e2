# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Looks for a secret where it must not be.

# places_of FILE PATH...: prints what holds a line of FILE: files below each PATH, and command lines and environments of all
# processes that are seen.
places_of() {
    local secrets=$1
    shift
    grep --recursive --files-with-matches --text --fixed-strings --file - -- "$@" /proc/[0-9]*/{cmdline,environ} 2>/dev/null \
        <"$secrets" || true
}

# places_in MACHINE FILE PATH...: the same inside a machine of the lab.
places_in() {
    local machine=$1 secrets=$2
    shift 2
    in_machine "$machine" bash -c "$(declare -f places_of)"'; places_of /dev/stdin "$@"' places_of "$@" <"$secrets"
}
