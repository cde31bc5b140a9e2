# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Configures one NIC, once: no client manages it afterwards, since rescued hands its address over.

# Lists network cards, without virtual links of the kernel (lo, bonds, bridges).
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
booted_nic() { [ -n "$(booted_nics)" ]; }

# Cards that the command line names: the operator's first, the boot loader's second.
booted_nics() {
    [ -z "$mac" ] || nic_with_mac "$mac" || true
    [ -z "$bootif" ] || [ "$bootif" = "$mac" ] || nic_with_mac "$bootif" || true
}

# True for USB cards: a BMC's own network is a USB device to its server, has a link at once, and leads nowhere.
is_usb() { readlink -f "/sys/class/net/$1/device" | grep -q /usb; }

# Lists the given cards without USB devices; all if there are no others.
without_usb() {
    local name others=''
    for name in "$@"; do
        is_usb "$name" || others="$others $name"
    done
    # shellcheck disable=SC2086 # words, with one blank between them
    set -- ${others:-$*}
    echo "$*"
}

# shellcheck disable=SC2317
has_carrier() {
    local name
    for name in "$@"; do
        [ "$(cat "/sys/class/net/$name/carrier" 2>/dev/null)" != 1 ] || return 0
    done
    return 1
}

with_link() {
    local name linked=''
    for name in "$@"; do
        ! has_carrier "$name" || linked="$linked $name"
    done
    # shellcheck disable=SC2086
    set -- $linked
    echo "$*"
}

# wait_for_link NIC...: sets them up, and waits 20 s for a link on one that is not a BMC's.
wait_for_link() {
    local name
    for name in "$@"; do
        ip link set "$name" up || true
    done
    # shellcheck disable=SC2046 # a list
    wait_for 20 has_carrier $(without_usb "$@")
}

all_nics() {
    # shellcheck disable=SC2046 # words, with one blank between them
    set -- $(list_nics)
    echo "$*"
}

# Sets `nics`: those that the firmware booted from if they are known and one has a link, else all.
choose_nics() {
    local named=''
    # A NIC may get its name until then.
    udevadm settle --timeout=30 || true
    if [ -n "$mac$bootif" ]; then
        if wait_for 30 booted_nic; then
            # shellcheck disable=SC2046 # words, with one blank between them
            set -- $(booted_nics)
            named=$*
        else
            announce "no network card has the address ${mac:-$bootif} that was booted from; trying all"
        fi
    fi
    if [ -n "$named" ]; then
        # shellcheck disable=SC2086 # a list
        if wait_for_link $named; then
            nics=$named
            return
        fi
        announce "the network card that was booted from ($named) has no link; trying all"
    fi
    wait_for 30 some_nic || { problem="no network card was found" && return 1; }
    nics=$(all_nics)
    # shellcheck disable=SC2086 # a list
    wait_for_link $nics || announce "no network card has a link"
}

# Sorts: cards with a link before those without, and a BMC's last of each.
in_order() {
    local linked rest name others=''
    linked=$(with_link "$@")
    for name in "$@"; do
        case " $linked " in *" $name "*) ;; *) others="$others $name" ;; esac
    done
    rest=''
    # shellcheck disable=SC2086 # lists
    for name in $linked $others; do
        if is_usb "$name"; then rest="$rest $name"; else echo "$name"; fi
    done
    # shellcheck disable=SC2086
    [ -z "$rest" ] || printf '%s\n' $rest
}

# Tries all cards in the end: the one that was booted from may have a link, but no DHCP server behind it any more.
configure_by_others() {
    [ "$nics" != "$(all_nics)" ] || return 1
    announce "trying all network cards"
    nics=$(all_nics)
    # shellcheck disable=SC2086 # a list
    wait_for_link $nics || true
    configure_by_dhcp
}

bring_up_network() {
    local name
    choose_nics || return 1
    ip link set lo up
    if [ -n "$static" ]; then
        # shellcheck disable=SC2086,SC2046 # a list
        configure_static "$static" command-line $(in_order $nics)
        return
    fi
    configure_by_dhcp || configure_by_others || ask_for_settings || return 1
    for name in $(all_nics); do
        # Set cards without a lease down again, so that nothing comes in by them.
        [ "$name" = "$nic" ] || ip link set "$name" down
    done
}

is_v4() { echo "$1" | grep -qE '^([0-9]{1,3}\.){3}[0-9]{1,3}$'; }

# configure_static ADDRESS/PREFIX,GATEWAY[,DNS[,DNS]] SOURCE NIC...: configures the first NIC.
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

# add_route DESTINATION GATEWAY: adds a route, even if the gateway is outside of the address's prefix, as with a /32.
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

# Filters text of a peer: keeps only characters of addresses and names.
plain() { echo "$1" | tr -cd '0-9A-Za-z.:/ _-'; }

# Records the source of the network's configuration, for information: rescued reads the kernel's own state.
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
