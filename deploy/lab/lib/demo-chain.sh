# shellcheck shell=bash disable=SC2154 # variables are the demo's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The whole chain: a virtual bare-metal server netboots the rescue system, which runs the rescue VM under KVM. All
# requests go through netbootd's API. The demo calls prepare_lab, start_lab, start_session, explain_keep and
# finish_session.

prepare_lab() {
    section "Rescue system (what the server netboots)"
    if [ -z "$rescue_system" ]; then
        rescue_system=$source_root/build/rescue-system/$firmware
        make_rescue_system "$rescue_system" "$build" "$public_key" "http://$router_v4/image" "$output/rescue-system.log"
    fi
    [ -r "$rescue_system/filesystem.squashfs" ] ||
        fail 3 "there is no rescue system in $rescue_system" "deploy/rescue-system/build --output $rescue_system"
    say "$(du --apparent-size -sh "$rescue_system/filesystem.squashfs" | cut -f 1) in $rescue_system"
    section "The server's own system"
    own_system=$source_root/build/own-system
    "$here/own-system/build" --output "$own_system"
}

# Waits until the server has booted its own system: its line on the console has what this run wrote on the disk.
wait_for_own_system() {
    local mark=$1
    wait_until 300 "the server's own system to print its line" \
        console_says "$server_name" "$mark" "OWN SYSTEM boot [0-9]+: $(cat "$(server_folder "$server_name")/nonce")"
    own_system_lines "$mark" | indent
}

own_system_lines() { tail --bytes "+$(($1 + 1))" "$(console_log "$server_name")" | grep --text '^OWN SYSTEM' | tr -d '\r'; }

start_lab() {
    section "A data centre: DHCP, TFTP, HTTP, netbootd; the server $server_name with disks and a BMC; a customer"
    lab_up datacentre
    trap clean_up EXIT
    add_server "$server_name" "$firmware" "$disks" "$memory" "$own_system"
    register_server "$server_name" "$firmware" >"$state/datacentre/log/register.log"
    switch_port=$(server_port "$server_name")
    say "$server_name: $server_v4, $server_mac, its BMC $(bmc_address "$server_name")"
    section "The server runs its own system"
    local mark
    mark=$(console_mark "$server_name")
    bmc "$server_name" power on >/dev/null
    wait_for_own_system "$mark"
    own_system_lines "$mark" | sed -n 's/^OWN SYSTEM firmware: //p' >"$state/firmware-before"
}

start_session() {
    section "The panel asks for a rescue: the BMC resets the server, which netboots the rescue system"
    session_mark=$(console_mark "$server_name")
    in_machine datacentre netbootctl rescue start "$server_name" --generate-key /run/lab/panel.key \
        --notify "$customer_mail" --language en --disk-mode overlay --reason 'the demo' --wait 2>&1 | indent || fail 1 "the rescue has failed"
    in_machine datacentre netbootctl rescue show "$server_name" | indent
    deliver
}

deliver() {
    section "The customer gets a mail with a link; the panel shows the code"
    receive_mail
    say "mail to $customer_mail: $(mail_header Subject)"
    say "link: $(sed 's/#.*/#.../' "$state/customer/link")"
    in_machine datacentre netbootctl rescue code "$server_name" --key /run/lab/panel.key --output /run/lab/code | indent
    section "The customer opens the link with the code, once"
    open_link
    if open_link_again 2>"$state/refused"; then fail 1 "the link was opened twice"; fi
    say "a second time: $(head -n 1 "$state/refused")"
}

explain_keep() {
    local lab="sudo $here/datacentre --state $state"
    explain_connection "$lab"
    cat >&2 <<KEEP
  $lab exec datacentre -- netbootctl rescue show $server_name
  sudo $here/server --state $state console $server_name --follow

To end the session, and the lab:
  $lab exec datacentre -- netbootctl rescue finish $server_name --then reboot --wait
  $lab down
KEEP
}

finish_session() {
    section "The panel finishes the session; the server boots its own disk again"
    local mark
    mark=$(console_mark "$server_name")
    in_machine datacentre netbootctl rescue finish "$server_name" --then reboot --wait 2>&1 | indent ||
        fail 1 "the session could not be finished"
    wait_for_own_system "$mark"
    console_says "$server_name" "$mark" "OWN SYSTEM repaired: $nonce" ||
        fail 1 "the server's own system does not see what the customer has written"
    own_system_lines "$mark" | sed -n 's/^OWN SYSTEM firmware: //p' >"$state/firmware-after"
    diff "$state/firmware-before" "$state/firmware-after" | indent
    cmp --silent "$state/firmware-before" "$state/firmware-after" || fail 1 "the firmware's boot order was changed"
    in_machine datacentre netbootctl boot-mode show "$server_name" | indent
    [ "$(boot_mode)" = disk ] || fail 1 "the boot mode is $(boot_mode), not disk"
    section "The session, step by step"
    in_machine datacentre netbootctl --json rescue show "$server_name" >"$output/session.json"
    in_machine datacentre netbootctl rescue show "$server_name" | indent
    grep --quiet 'iB of changes written' "$output/session.json" || fail 1 "the customer's changes were not kept apart until the end"
}
