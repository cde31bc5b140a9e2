# shellcheck shell=bash disable=SC2154 # variables are the demo's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The customer's part of the demo, after the delivery: logs in over SSH and RDP, and repairs something. Uses customer.sh,
# observations.sh, state and output of the demo.

log_in_by_ssh() {
    section "The customer logs in over SSH, with the delivered password"
    pin_host_key || fail 1 "the server's SSH host key is not the announced one"
    say "host key as announced: $(delivered ssh_host_key)"
    # shellcheck disable=SC2016 # expanded in the guest
    in_guest -- 'echo "$(whoami) on $(hostname), $(uname -o) $(uname -r)"; lsblk --output NAME,SIZE,FSTYPE,LABEL,MODEL,SERIAL' | indent
}

write_file() {
    section "The customer repairs something on the server's disk"
    nonce="written by the customer $(date --utc +%FT%TZ) $RANDOM$RANDOM"
    write_on_disk repaired.txt "$nonce" | indent
}

show_network() {
    section "The network sees only the server's own MAC address"
    arping_server | indent
    check_neighbour
    check_switch_port
}

log_in_by_rdp() {
    section "The customer opens a desktop over RDP"
    local seen
    seen=$(rdp_fingerprint_seen)
    [ "$seen" = "$(delivered rdp_certificate)" ] || fail 1 "the RDP certificate ($seen) is not the announced one"
    say "certificate as announced: $seen"
    start_rdp
    wait_until 300 "the customer's desktop to run in the guest" guest_has_desktop
    rm -f "$state/customer/rdp.light"
    wait_until 300 "the desktop to show on the customer's screen" rdp_shows_something
    in_guest -- 'ps -u Administrator -o pid,args --no-headers | grep -E "Xorg|xterm|lwm" | cut -c -100' | indent
    cp "$state/customer/rdp.png" "$output/rdp.png"
    end_rdp
    say "the customer's screen: $output/rdp.png"
}
