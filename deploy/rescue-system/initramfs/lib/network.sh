# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The one NIC, configured once and for good: no client manages it afterwards, since rescued hands its address over.

# Network cards, not what the kernel makes of them (lo, bonds, bridges).
list_nics() {
    local path
    for path in /sys/class/net/*; do
        [ -e "$path/device" ] && [ "$(cat "$path/type")" = 1 ] && echo "${path##*/}"
    done
}

nic_with_mac() {
    local name
    for name in $(list_nics); do
        [ "$(cat "/sys/class/net/$name/address")" != "$1" ] || { echo "$name" && return; }
    done
    return 1
}

# shellcheck disable=SC2317 # called by wait_for
some_nic() { [ -n "$(list_nics)" ]; }
# shellcheck disable=SC2317
booted_nic() { nic_with_mac "$mac" >/dev/null; }
# shellcheck disable=SC2317
has_carrier() {
    local name
    for name in "$@"; do
        [ "$(cat "/sys/class/net/$name/carrier" 2>/dev/null)" != 1 ] || return 0
    done
    return 1
}

# Sets `nics`: the one that the firmware booted from where that is known, else all that have a link.
choose_nics() {
    local name
    # Until then a NIC may still get its name.
    udevadm settle --timeout=30 || true
    if [ -n "$mac" ]; then
        if wait_for 30 booted_nic; then
            nics=$(nic_with_mac "$mac")
        else
            announce "no network card has the address $mac that was booted from; trying all"
            mac=''
        fi
    fi
    if [ -z "$mac" ]; then
        wait_for 30 some_nic || { problem="no network card was found" && return 1; }
        nics=$(list_nics)
    fi
    for name in $nics; do
        ip link set "$name" up || true
    done
    # shellcheck disable=SC2086 # a list
    wait_for 20 has_carrier $nics || announce "no network card has a link"
    local linked=''
    for name in $nics; do
        ! has_carrier "$name" || linked="$linked $name"
    done
    # shellcheck disable=SC2086 # words, with one blank between them
    set -- ${linked:-$nics}
    nics=$*
}

bring_up_network() {
    local name
    choose_nics || return 1
    ip link set lo up
    if [ -n "$static" ]; then
        # shellcheck disable=SC2086 # a list
        configure_static "$static" command-line $nics
        return
    fi
    configure_by_dhcp || ask_for_settings || return 1
    for name in $nics; do
        # Those that were tried and gave nothing: down again, so that nothing comes in by them.
        [ "$name" = "$nic" ] || ip link set "$name" down
    done
}

is_v4() { echo "$1" | grep -qE '^([0-9]{1,3}\.){3}[0-9]{1,3}$'; }

# configure_static ADDRESS/PREFIX,GATEWAY[,DNS[,DNS]] SOURCE NIC...: on the first NIC.
configure_static() {
    local address gateway dns server
    address=$(echo "$1" | cut -d , -f 1)
    gateway=$(echo "$1" | cut -s -d , -f 2)
    dns=$(echo "$1" | cut -s -d , -f 3- | tr , ' ')
    nic=$3
    problem="'$1' is not ADDRESS/PREFIX,GATEWAY,DNS (IPv4)"
    is_v4 "${address%/*}" || return 1
    case ${address#*/} in [0-9] | [12][0-9] | 3[0-2]) ;; *) return 1 ;; esac
    for server in $gateway $dns; do
        is_v4 "$server" || return 1
    done
    ip address flush dev "$nic"
    problem="the kernel refuses $address on $nic"
    ip address add "$address" brd + dev "$nic" || return 1
    [ -z "$gateway" ] || add_route default "$gateway" || return 1
    write_resolv_conf '' "$dns"
    write_network_state "$2" "$address" "$gateway" "$dns" ''
    announce "$nic has $address (by $2)"
}

# add_route DESTINATION GATEWAY: also where the gateway is outside of the address's prefix, as with a /32.
add_route() {
    problem="no route to $1 by $2"
    if [ "$2" = 0.0.0.0 ]; then
        ip route replace "$1" dev "$nic"
    else
        ip route replace "$1" via "$2" dev "$nic" 2>/dev/null || {
            ip route replace "$2/32" dev "$nic" && ip route replace "$1" via "$2" dev "$nic"
        }
    fi
}

write_resolv_conf() {
    local server
    {
        [ -z "$1" ] || echo "search $1"
        for server in $2; do
            echo "nameserver $server"
        done
    } >/run/rescue-system/resolv.conf
    ln -sf /run/rescue-system/resolv.conf /etc/resolv.conf
}

# Text of others: only what addresses and names are made of.
plain() { echo "$1" | tr -cd '0-9A-Za-z.:/ _-'; }

# Where the network came from, for whoever wants to know: rescued reads the kernel's own state.
# write_network_state SOURCE ADDRESS GATEWAY DNS SERVER
write_network_state() {
    local server list=''
    for server in $4; do
        list="$list${list:+, }\"$(plain "$server")\""
    done
    printf '{"interface": "%s", "mac": "%s", "source": "%s", "address": "%s", "gateway": "%s", "dns": [%s], "server": "%s"}\n' \
        "$nic" "$(cat "/sys/class/net/$nic/address")" "$1" "$(plain "$2")" "$(plain "$3")" "$list" "$(plain "$5")" \
        >/run/rescue/network.json
}
