#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Whole sessions as seen by operator, customer and network: one with the provider's DHCP, one without.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=../../deploy/lab/lib/lab.sh
source "$root/deploy/lab/lib/lab.sh"
# shellcheck source=../../deploy/lab/lib/customer.sh
source "$root/deploy/lab/lib/customer.sh"
# shellcheck source=../../deploy/lab/lib/observations.sh
source "$root/deploy/lab/lib/observations.sh"
readonly state=/run/rescue-lab/$lab_name

equal() { [ "$2" = "$3" ] || die "$1: '$2', not '$3'"; }

plan_is_valid() {
    lab exec server -- rescuectl plan --xml >"$scratch/domain.xml"
    virt-xml-validate "$scratch/domain.xml" domain >"$scratch/validate" 2>&1 || {
        indent <"$scratch/validate"
        die "the planned domain is not valid"
    }
    good "rescuectl plan --xml passes virt-xml-validate"
}

start() {
    lab exec server -- rescuectl start --wait --credentials-file /run/lab/credentials.json
    deliver_credentials "$state/server/credentials.json"
    equal phase "$(status .phase)" serving
    equal "what failed" "$(status .failure)" null
    equal "the mode of the credentials' file" "$(stat -c %a "$state/server/credentials.json")" 600
}

fingerprints_are_announced() {
    pin_host_key || die "OpenSSH sees another host key than $(delivered ssh_host_key)"
    equal "SSH host key in status" "$(status .connection.ssh_host_key)" "$(delivered ssh_host_key)"
    equal "RDP certificate in status" "$(status .connection.rdp_certificate)" "$(delivered rdp_certificate)"
    equal "RDP certificate that FreeRDP sees" "$(rdp_fingerprint_seen)" "$(delivered rdp_certificate)"
    good "the fingerprints that were announced are what the clients see"
}

rotation_replaces_the_password() {
    cp "$state/customer/password" "$state/customer/old-password"
    lab exec server -- rescuectl credentials rotate --credentials-file /run/lab/new.json
    deliver_credentials "$state/server/new.json"
    pin_host_key || die "the host key changed with the password"
    equal "who logs in with the new password" "$(in_guest -- whoami)" Administrator
    if in_guest /run/lab/old-password -- true 2>"$scratch/denied"; then die "the old password still works"; fi
    grep -q 'Permission denied' "$scratch/denied" || die "the old password failed otherwise: $(<"$scratch/denied")"
    good "rotated: the new password works, the old one does not"
}

no_secret_is_in_the_logs() {
    local file
    lab exec server -- test -s /var/lib/rescue/session.json || die "there is no journal"
    for file in password old-password; do
        if grep --recursive --quiet --fixed-strings --file "$state/customer/$file" "$state"/*/log; then
            die "the password is in a log of the lab"
        fi
        if lab exec server -- grep --recursive --quiet --fixed-strings --file /dev/stdin /var/lib/rescue/session.json \
            <"$state/customer/$file"; then
            die "the password is in the journal"
        fi
    done
    good "no password in logs or journal"
}

finish() {
    lab exec server -- rescuectl finish --then stay
    equal phase "$(status .phase)" finished
    equal "what was not undone" "$(status .rollback_failures)" '[]'
    write_network_state "$scratch/network-after"
    same_network_state "$scratch/network-before" "$scratch/network-after" || die "the server's network is not as before"
    equal "boot mode" "$(boot_mode)" disk
    equal "boot script" "$(boot_script | grep -v '^#')" "exit 1"
    expect_nothing_left
}

# session DHCP: runs a session, from the server's boot mode to its disk.
session() {
    section "DHCP: $1"
    lab_up_for_test --dhcp "$1"
    remember_network
    write_network_state "$scratch/network-before"
    equal "boot mode" "$(boot_mode)" rescue-windows
    plan_is_valid
    start
    fingerprints_are_announced
    equal "who logs in" "$(in_guest -- whoami)" Administrator
    write_on_disk proof.txt "by $1" >/dev/null
    check_neighbour
    check_switch_port
    [ "$1" != provider ] || desktop_over_rdp
    rotation_replaces_the_password
    no_secret_is_in_the_logs
    finish
    equal "the customer's file on the disk" "$(read_from_disk 0 /proof.txt)" "by $1"
    lab down
}

desktop_over_rdp() {
    start_rdp
    wait_until 120 "the desktop to run in the guest" guest_has_desktop
    rm -f "$state/customer/rdp.light"
    wait_until 120 "the desktop to show on the customer's screen" rdp_shows_something
    end_rdp
    good "a desktop over RDP, at the pinned certificate"
}

session provider
session none
