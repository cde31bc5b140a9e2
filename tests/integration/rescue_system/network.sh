#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The initrd's choice of a NIC and its DHCP, in BusyBox' shell, on links of network namespaces with dnsmasq behind them.
# Exit codes: 0 passed, 1 failed, 77 can't run here.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
readonly root

if [ "${1:-}" != inside ]; then
    for program in busybox dnsmasq unshare ip; do
        command -v "$program" >/dev/null || { echo "skipped: there is no $program" && exit 77; }
    done
    [ "$(id -u)" = 0 ] || { echo "skipped: not root" && exit 77; }
    exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" inside
fi

# Writes nothing to this machine: the shell's own folders are on a tmpfs.
mount -t sysfs sysfs /sys  # of this network namespace
mount -t tmpfs tmpfs /run
mkdir -p /run/etc /run/rescue-system /run/rescue /run/lib/bin
cp -a /etc/. /run/etc/ && mount --bind /run/etc /etc
ln -s "$(command -v ip)" /run/lib/bin/ip
# Copies of the same files, with a readable console and shorter timeouts.
for file in "$root"/deploy/rescue-system/initramfs/lib/*; do
    sed -e 's,/lib/rescue/,/run/lib/,g' -e 's,>/dev/kmsg,>>/run/console,' -e 's/-t 8 -T 4/-t 2 -T 1/' \
        "$file" >"/run/lib/${file##*/}"
    chmod +x "/run/lib/${file##*/}"
done

cat >/run/boot.sh <<'SCRIPT'
. /run/lib/arguments.sh
. /run/lib/network.sh
. /run/lib/dhcp.sh
# Replaces functions that need folders in /sys, which virtual links lack; waits take a tenth of the time.
list_nics() { ls /sys/class/net | grep -v '^lo$'; }
is_usb() { case $1 in usb*) ;; *) return 1 ;; esac; }
udevadm() { :; }
ask_for_settings() { return 1; }
wait_for() {
    polls=$(($1 / 2))
    shift
    until "$@"; do
        [ "$polls" -gt 0 ] || return 1
        polls=$((polls - 1))
        sleep 0.2
    done
}
cat() { if [ "$1" = /proc/cmdline ]; then echo "$cmdline"; else busybox cat "$@"; fi; }
read_arguments
bring_up_network
SCRIPT

failures=0
# nic NAME MAC: adds a NIC with its other end "NAME-wire" in the namespace "wire".
nic() {
    ip link add "$1" address "$2" type veth peer name "$1-wire" netns wire
    # No IPv6: this namespace has no router advertisements, and waiting for them would take time.
    ip netns exec wire ip link set "$1-wire" up
}
unplug() { ip netns exec wire ip link set "$1-wire" down; }
# dhcp NIC NETWORK OPTION...: starts a DHCP server there, with addresses of NETWORK (three octets).
dhcp() {
    local name=$1 network=$2
    shift 2
    ip netns exec wire ip address add "$network.1/24" dev "$name-wire"
    ip netns exec wire dnsmasq --keep-in-foreground --user=root --conf-file=/dev/null --port=0 --bind-interfaces \
        --interface="$name-wire" --except-interface=lo --dhcp-range="$network.10,$network.10,255.255.255.0,1h" \
        --dhcp-leasefile="/run/$name.leases" --no-ping --pid-file="/run/$name.pid" "$@" >/run/"$name".log 2>&1 &
}
boot() {
    cmdline=$1 busybox sh /run/boot.sh >/run/boot.log 2>&1 || echo "no network" >>/run/console
}
check() {
    if "${@:2}"; then
        echo "ok: $1"
    else
        echo "not ok: $1"
        sed 's/^/    /' /run/console /run/boot.log
        failures=$((failures + 1))
    fi
}
says() { grep --quiet --fixed-strings -- "$1" /run/console; }
has() { [ "$(ip -4 -o address show dev "$1" | awk '{print $4}')" = "$2" ]; }
fresh() {
    local file
    for file in /run/*.pid; do
        [ ! -e "$file" ] || kill "$(cat "$file")" 2>/dev/null || true
    done
    rm -f /run/*.pid
    ip netns delete wire 2>/dev/null || true
    # The kernel removes its links a moment later.
    for _ in $(seq 100); do
        [ -n "$(ip -o link show type veth)" ] || break
        sleep 0.1
    done
    rm -rf /run/console /run/rescue-system/* && : >/run/console
    ip netns add wire
}

fresh
nic net0 52:54:00:00:00:01 && unplug net0
nic net1 52:54:00:00:00:02 && dhcp net1 198.51.100
boot 'rescue.mac=52:54:00:00:00:01'
check "a NIC that is named and has no link is no reason to wait for ever" has net1 198.51.100.10/24
check "and the console says so" says 'was booted from (net0) has no link; trying all'

fresh
nic net0 52:54:00:00:00:01 && unplug net0
nic net1 52:54:00:00:00:02 && dhcp net1 198.51.100
nic net2 52:54:00:00:00:03 && dhcp net2 203.0.113
boot 'rescue.mac=52-54-00-00-00-01 BOOTIF=01-52-54-00-00-00-03'
check "of two that are named the one with a link is taken" has net2 203.0.113.10/24
check "and no other one is asked on" bash -c '! grep --quiet "address on net1" /run/console'

fresh
nic net0 52:54:00:00:00:01
nic net1 52:54:00:00:00:02 && dhcp net1 198.51.100
boot 'rescue.mac=52:54:00:00:00:01 rescue.dhcp_rounds=1'
check "a NIC that is named and has nobody to answer it gives way to the others" has net1 198.51.100.10/24

fresh
nic net0 52:54:00:00:00:01
nic usb0 52:54:00:00:00:09 && dhcp usb0 169.254.1
( # The switch forwards late: the server on the real NIC answers in the second round.
    until grep --quiet '(2 of 3)' /run/console; do sleep 0.1; done
    dhcp net0 198.51.100
    wait
) &
late=$!
boot ''
check "the BMC's network, which answers at once, does not win" has net0 198.51.100.10/24
check "and has no address" has usb0 ''
kill "$late" 2>/dev/null || true

fresh
nic usb0 52:54:00:00:00:09 && dhcp usb0 169.254.1
boot 'rescue.dhcp_rounds=1'
check "a link-local lease is none" says 'no network'
check "and the console says why" says 'the lease of usb0 is link-local (169.254.1.10): not taken'

fresh
nic usb0 52:54:00:00:00:09 && dhcp usb0 198.51.100
boot ''
check "a USB NIC that is the only one is taken" has usb0 198.51.100.10/24

fresh
nic net0 52:54:00:00:00:01
dhcp net0 198.51.100 --dhcp-option-force=3,198.51.100.1 --dhcp-option-force=121,203.0.113.0/24,198.51.100.2
boot ''
check "routes without a default are taken as they are" \
    bash -c 'ip route show 203.0.113.0/24 | grep --quiet 198.51.100.2 && [ -z "$(ip route show default)" ]'
check "and the console says that there is no default route" says 'the lease of net0 has no default route'

fresh
nic net0 52:54:00:00:00:01 && dhcp net0 198.51.100
boot ''
check "a lease with a router says nothing of that" \
    bash -c 'ip route show default | grep --quiet 198.51.100.1 && ! grep --quiet "no default route" /run/console'

[ "$failures" = 0 ]
