# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Gets one DHCP lease: the client ends with it. Uses BusyBox' udhcpc, since klibc's ipconfig does not support classless
# routes (option 121), which providers send with a /32.

# True if dhcp-event has accepted the lease: it refuses some, and udhcpc does not learn of that.
has_lease() { [ -e "/run/rescue-system/lease.$1" ]; }

# Cards of this round: those that have a link by now. A USB card, which may be the BMC's and answers at once, is only in the
# last round, unless there is no other.
nics_of_round() {
    local linked
    # shellcheck disable=SC2086 # a list
    linked=$(with_link $nics)
    # shellcheck disable=SC2086
    set -- ${linked:-$nics}
    # shellcheck disable=SC2086,SC2046 # lists
    if [ "$1" != '' ] && [ "$round" -lt "$dhcp_rounds" ] && ! all_usb $nics; then
        set -- $(for name in "$@"; do is_usb "$name" || echo "$name"; done)
        # Wait: none of the others has a link yet.
        [ $# -gt 0 ] || set -- $(without_usb $nics)
    fi
    in_order "$@"
}

all_usb() {
    local name
    for name in "$@"; do
        is_usb "$name" || return 1
    done
}

# A round takes 8 times 4 s, since a switch port may take 30 s from link to forwarding (spanning tree).
configure_by_dhcp() {
    local round=1 name
    while [ "$round" -le "$dhcp_rounds" ]; do
        for nic in $(nics_of_round); do
            announce "asking for an address on $nic ($round of $dhcp_rounds)"
            rm -f "/run/rescue-system/lease.$nic"
            if udhcpc -i "$nic" -f -n -q -t 8 -T 4 -O staticroutes -O mtu -O domain \
                -O dns -s /lib/rescue/dhcp-event >/run/rescue-system/udhcpc.log 2>&1 && has_lease "$nic"; then
                announce "$nic has $(ip -o -4 address show dev "$nic" | sed 's/.*inet \([^ ]*\) .*/\1/' | head -n 1) (by dhcp)"
                return 0
            fi
        done
        round=$((round + 1))
    done
    problem="no DHCP server answered on $nics"
    announce "$problem"
    return 1
}
