# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Shared by tests on virtual bare metal: the test's own data centre, and observations of a server from outside.
# RESCUE_BUILD, RESCUE_IMAGE and RESCUE_SYSTEM name the tested files; tests/run sets them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/lab.sh
source "$root/deploy/lab/lib/lab.sh"

build=${RESCUE_BUILD:-$root/build/dev}
image=${RESCUE_IMAGE:-$root/build/standin/uefi}
rescue_system=${RESCUE_SYSTEM:-$root/build/rescue-system}
own_system=${RESCUE_OWN_SYSTEM:-$root/build/own-system}
public_key=''
# Contains the name of the test run, if any, which marks the lab's leftovers as the run's.
state=/run/rescue-lab/test-$(basename "$0" .sh)-$$${RESCUE_RUN:+-${RESCUE_RUN##*/}}
readonly server=$server_name

die() { fail 1 "$@"; }
panel() { in_machine datacentre netbootctl "$@"; }
panel_json() { in_machine datacentre netbootctl --json "$@"; }

end_of_chain_test() {
    local code=$?
    trap - EXIT ERR
    if [ "$code" != 0 ]; then show_logs; fi
    lab_down '' || code=1
    exit "$code"
}

datacentre_up() {
    lab_up datacentre
    trap end_of_chain_test EXIT
}

deliver_server() {
    add_server "$server" "$1" "$2" "$3" "$own_system"
    register_server "$server" "$1" >/dev/null
}

boot_mode_is() { [ "$(panel_json boot-mode show "$server" | jq --raw-output .mode)" = "$1" ]; }
lease_is() { [ "$(panel_json boot-mode show "$server" | jq --raw-output .lease.state)" = "$1" ]; }
boots_are() { [ "$(panel_json boot-mode show "$server" | jq --raw-output .lease.boots)" = "$1" ]; }

# own_system_boots MARK: looks in the console's log after the mark.
own_system_boots() { console_says "$server" "$1" "OWN SYSTEM boot [0-9]+: $(cat "$(server_folder "$server")/nonce")"; }
rescue_system_boots() { console_says "$server" "$1" 'Command line: .*boot=rescue'; }
expect_own_system() {
    wait_until 300 "the server's own system to boot" own_system_boots "$1"
    if rescue_system_boots "$1"; then die "the rescue system was booted in between"; fi
}

power_cut() { bmc "$server" power off >/dev/null && bmc "$server" power on >/dev/null; }
