# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# DHCP, once: the client ends with its first lease. BusyBox' udhcpc, since klibc's ipconfig does not know classless
# routes (option 121), which providers give with a /32.

# A switch port may take 30 s from link to forwarding (spanning tree): so a round is 8 times 4 s.
configure_by_dhcp() {
    local round=1
    while [ "$round" -le "$dhcp_rounds" ]; do
        for nic in $nics; do
            announce "asking for an address on $nic ($round of $dhcp_rounds)"
            if udhcpc -i "$nic" -f -n -q -t 8 -T 4 -O staticroutes -O mtu -O domain -O dns \
                -s /lib/rescue/dhcp-event >/run/rescue-system/udhcpc.log 2>&1; then
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
