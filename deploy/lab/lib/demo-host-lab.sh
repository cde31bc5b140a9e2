# shellcheck shell=bash disable=SC2154 # variables are the demo's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The quick demo: the server is a set of namespaces. The demo calls prepare_lab, start_lab, start_session, explain_keep
# and finish_session.

prepare_lab() { :; }

start_lab() {
    section "A lab: the server $server_name, its datacentre, a customer"
    lab_up host_lab
    trap clean_up EXIT
    write_network_state "$state/network-before"
    section "The panel has set the boot mode; the server gets this boot script"
    in_machine datacentre netbootctl boot-mode show "$server_name" | indent
    boot_script | indent
}

start_session() {
    section "rescuectl doctor checks the rescue system"
    in_machine server rescuectl doctor | indent
    section "The session"
    in_machine server rescuectl start --wait --credentials-file /run/lab/credentials.json
    deliver_credentials "$state/server/credentials.json"
    in_machine server rescuectl status | indent
}

explain_keep() {
    local lab="sudo $here/host-lab --state $state"
    explain_connection "$lab"
    cat >&2 <<KEEP
  $lab exec server -- rescuectl status --json

To end the session, and the lab:
  $lab exec server -- rescuectl finish --then stay
  $lab down
KEEP
}

finish_session() {
    section "The session is finished"
    in_machine server rescuectl finish --then stay
    write_network_state "$state/network-after"
    same_network_state "$state/network-before" "$state/network-after" ||
        fail 1 "the server's network is not as it was"
    say "the server's network is exactly as it was"
    in_machine server virsh --quiet --connect qemu:///system list --all --name | sed '/^$/d' >"$state/domains"
    [ ! -s "$state/domains" ] || fail 1 "a libvirt domain is left"
    section "The server boots its disk again"
    in_machine datacentre netbootctl boot-mode show "$server_name" | indent
    boot_script | indent
    [ "$(boot_mode)" = disk ] || fail 1 "the boot mode is $(boot_mode), not disk"
    section "The customer's file is on the server's disk"
    read_from_disk 0 /repaired.txt | indent
    [ "$(read_from_disk 0 /repaired.txt)" = "$nonce" ] || fail 1 "the file is not on the disk as it was written"
    section "The session, step by step"
    in_machine server rescuectl status --json >"$output/session.json"
    in_machine server rescuectl status | indent
}
