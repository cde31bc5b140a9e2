# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Observations of the server from its network, and of its disk through the rescue VM.

# Requests the boot script from the server's address, as its firmware does. Counts as one of the lease's boots.
boot_script() {
    in_machine server curl --silent --show-error --fail "$netboot_url/boot/$server_mac.ipxe"
}

boot_mode() { in_machine datacentre netbootctl --json boot-mode show "$server_name" | jq --raw-output .mode; }

# write_on_disk NAME TEXT: writes as the customer in the guest, on the server's first disk, found by its label.
write_on_disk() {
    in_guest -- "set -e
        disk=\$(lsblk --raw --noheadings --output PATH,LABEL | awk '\$2 == \"$disk_label\" { print \$1 }')
        sudo mkdir -p /mnt/server
        sudo mount \"\$disk\" /mnt/server
        echo \"\$disk is mounted; it holds:\"
        cat /mnt/server/hello.txt
        printf '%s\n' '$2' | sudo tee '/mnt/server/$1'
        sudo umount /mnt/server"
}

# Ignores arping's status, which compares answers with requests: both the host and the VM answer a broadcast.
arping_server() { in_machine datacentre arping -c 3 -w 10 -I lan "$server_v4" || true; }

# Checks that all ARP answers, and the router's neighbour table, have the server's own MAC address.
check_neighbour() {
    local others entry
    others=$(arping_server | sed -n 's/.*reply from .* \[\(.*\)\].*/\1/p' | tr A-F a-f | sort -u)
    [ "$others" = "$server_mac" ] || fail 1 "ARP was answered by '$others', not by $server_mac"
    in_machine datacentre ping -c 1 -W 5 "$server_v4" >/dev/null || fail 1 "$server_v4 does not answer a ping"
    entry=$(in_machine datacentre ip -json neighbour show "$server_v4" dev lan | jq --raw-output '.[0].lladdr')
    [ "$entry" = "$server_mac" ] || fail 1 "the router's neighbour $server_v4 is $entry, not $server_mac"
    say "the router's neighbour table: $server_v4 is at $entry"
}

# Checks that the switch has seen no other MAC address at the server's port ($switch_port, default port-server).
check_switch_port() {
    local learnt
    learnt=$(in_machine datacentre bridge -json fdb show br lan brport "${switch_port:-port-server}" |
        jq --raw-output '.[] | select(.state != "permanent") | .mac' | sort -u)
    [ "$learnt" = "$server_mac" ] || fail 1 "the switch has seen at the server's port: $learnt"
    say "the switch has seen at the server's port: $learnt"
}

# Writes all state that a takeover may change, without counters, ages and lifetimes.
write_network_state() {
    local ages='del(.. | objects | .valid_life_time, .preferred_life_time, .expires, .used, .stats64, .stats)'
    {
        in_machine server ip -details -json address show | jq --sort-keys "$ages"
        in_machine server ip -json route show table all | jq --sort-keys "$ages | sort_by(tostring)"
        in_machine server ip -6 -json route show table all | jq --sort-keys "$ages | sort_by(tostring)"
        in_machine server ip -json rule show | jq --sort-keys .
        in_machine server ip -json link show type bridge | jq --sort-keys "$ages"
        in_machine server nft --json list ruleset | jq 'del(.nftables[] | select(.metainfo))'
        in_machine server ls /run/netns 2>/dev/null || true
        in_machine server cat /etc/resolv.conf
        # The sysctls, except those that change by themselves.
        in_machine server bash -c 'cd /proc/sys/net && { grep --recursive "" . 2>/dev/null || true; }' |
            grep --extended-regexp --invert-match '/(nf_conntrack_count|flush|stable_secret|netdev_rss_key):?' | sort
    } >"$1"
}

same_network_state() { diff --unified=1 "$1" "$2" | indent; [ "${PIPESTATUS[0]}" = 0 ]; }
