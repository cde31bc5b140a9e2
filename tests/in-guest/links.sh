#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The takeover of links that need a real kernel: bonds, also by LACP, VLANs, and both. Repeats large frames, rules and an
# odd name under this kernel, and the network tests that a kernel without macvlan, lightweight tunnels or bridge
# netfilter skips.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"
export RESCUE_BUILD=${RESCUE_BUILD:-$root/build/dev}

readonly program=$RESCUE_BUILD/bin/integration_network
readonly tests=(
    'Bonds.*' 'Vlans.*' 'Links.FramesOf9000*' 'Links.RulesAndTheirTables*' 'Nic/OddNames.*/1'
    '*.LinkThatTakesTheNicsFrames*' '*.EncapsulationOfARoute*' '*.ForwardingRulesOfTheHost*'
)

outside() {
    local test
    require_root
    [ -x "$program" ] || fail 3 "there is no $program" "cmake --build --preset dev --target integration_network"
    for test in "${tests[@]}"; do
        [ "$("$program" --gtest_list_tests --gtest_filter="$test" | wc -l)" -gt 1 ] || fail 1 "there is no test $test"
    done
    "$root/tests/in-guest/run" --seconds 900 --module br_netfilter --module ip_tunnel --module tun -- "$0" inside
}

# Prints the result of each test as it ends. Fails for skipped tests, which no other place runs.
inside() {
    local line wanted=${tests[*]} code=0
    "$program" --gtest_filter="${wanted// /:}" 2>&1 | tee /run/output | while IFS= read -r line; do
        if [[ $line = '[       OK ] '* ]]; then good "${line#*] }"; fi
    done || code=1
    ! grep --quiet '^\[  SKIPPED \]' /run/output || code=1
    [ "$code" = 0 ] || { indent </run/output && fail 1 "not every test has passed under $(uname -r)"; }
}

"${1:-outside}"
