#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# nftables, netdev family, ingress hook: a rule on `ip` or `udp` also matches frames with a VLAN tag, whatever the VLAN.
#
# One would guess that a frame of VLAN 5 on a card is "ether type vlan" to the card's own ingress chain, and that a rule
# such as `udp dport 68 drop` leaves it alone: that VLAN is another network, with links of its own (nic.5). But the kernel
# has taken the tag off the frame before the hook, as a card with VLAN offload has; the frame then looks like one without a
# tag. The rule drops DHCP answers of every VLAN above the card. `vlan id` still knows the tag, so that a first rule of
# `ether type vlan accept` (nft asks for the tag that was taken off) keeps tagged frames out of the rules that follow.
#
# Seen: nft 1.0.6-2+deb12u2 (Debian 12), Linux 6.1.0 and newer. Root; makes and removes two network namespaces.
set -euo pipefail

readonly package=nftables wanted='1.0.6-2+deb12u2'
folder=$(mktemp -d)
readonly folder inside=finding-vlan-$$ outside=finding-vlan-$$-far
end() {
    ip netns delete "$inside" 2>/dev/null || true
    ip netns delete "$outside" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

(cd "$folder" && apt-get download "$package=$wanted" libnftables1="$wanted" >/dev/null 2>&1 &&
    for file in ./*.deb; do dpkg -x "$file" "$folder/root"; done)
nft() { ip netns exec "$inside" env LD_LIBRARY_PATH="$folder/root/usr/lib/x86_64-linux-gnu" "$folder/root/usr/sbin/nft" "$@"; }

ip netns add "$inside"
ip netns add "$outside"
ip -n "$inside" link add near type veth peer name far netns "$outside"
ip -n "$inside" link set near up
ip -n "$outside" link set far up
printf 'nft: %s; Linux %s\n' "$(nft --version)" "$(uname -r)"

nft -f - <<'NFT'
table netdev finding {
    chain first { type filter hook ingress device "near" priority -100; policy accept;
        udp dport 68 counter comment "dhcp"
        ether type vlan counter comment "tagged"
        vlan id 5 counter comment "vlan 5"
    }
}
NFT

# One UDP datagram to port 68, in VLAN 5 and outside of any.
ip netns exec "$outside" python3 - <<'PYTHON'
import socket, struct
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("far", 0))
ethernet = bytes.fromhex("ffffffffffff") + bytes.fromhex("020000000001")
udp = struct.pack("!HHHH", 67, 68, 8, 0)
ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 7]))
total = sum(struct.unpack("!10H", ip))
total = (total & 0xffff) + (total >> 16)
ip = ip[:10] + struct.pack("!H", ~total & 0xffff) + ip[12:]
padding = bytes(32)
link.send(ethernet + struct.pack("!HHH", 0x8100, 5, 0x0800) + ip + udp + padding)
link.send(ethernet + struct.pack("!H", 0x0800) + ip + udp + padding)
PYTHON

count() { nft list table netdev finding | sed -n "s/.*counter packets \([0-9]*\) .*comment \"$1\".*/\1/p"; }
for _ in $(seq 50); do
    [ "$(count dhcp)" -lt 2 ] || break
    sleep 0.1
done
nft list table netdev finding
[ "$(count dhcp)" = 2 ] || { echo "changed: 'udp dport 68' matched $(count dhcp) frames, and not 2" && exit 1; }
[ "$(count 'vlan 5')" = 1 ] || { echo "changed: 'vlan id 5' matched $(count 'vlan 5') frames, and not 1" && exit 1; }
[ "$(count tagged)" = 1 ] || { echo "changed: 'ether type vlan' matched $(count tagged) frames, and not 1" && exit 1; }
echo "as it was: a rule without a word of VLANs matches the frame of VLAN 5, too"
