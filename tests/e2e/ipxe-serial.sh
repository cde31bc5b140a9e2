#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Debian's iPXE requests a boot script by serial number (SMBIOS, ${serial:uristring}). It does not encode some characters
# with a special meaning in URLs: netbootd finds the server even so, and counts its boot.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"
readonly programs=${RESCUE_BUILD:-$root/build/dev}/bin port=8470
# Firmware pads with blanks at the end; "%41" is not an encoded A; case is ignored.
readonly serials=('A+B' 'C&D' 'E/F G' '%41%2F' 'b5vfs12  ' '#1?x=2')

if [ -z "${IPXE_SERIAL_INSIDE:-}" ]; then
    export IPXE_SERIAL_INSIDE=yes
    exec unshare --net --pid --fork --kill-child --mount --mount-proc -- "$0"
fi
ip link set lo up
folder=$(mktemp -d "${TMPDIR:-/tmp}/ipxe-serial.XXXXXX")
readonly folder
trap 'rm -rf "$folder"' EXIT

netbootctl() { "$programs/netbootctl" --url "http://127.0.0.1:$port" --token-file "$folder/token" "$@"; }
boots_of() { netbootctl --json boot-mode show "$1" | jq --raw-output .lease.boots; }
booted() { [ "$(boots_of "$1")" = 1 ]; }
answers() { [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/readyz")" = 200 ]; }

cat >"$folder/netbootd.yaml" <<YAML
listen: {address: 127.0.0.1, port: $port}
database: {path: $folder/netbootd.sqlite}
boot: {rescue-windows: {base_url: "http://127.0.0.1:$port/nothing"}}
YAML
"$programs/netbootd" --config "$folder/netbootd.yaml" --init-admin-token "$folder/token" 2>/dev/null
"$programs/netbootd" --config "$folder/netbootd.yaml" >"$folder/netbootd.log" 2>&1 &
wait_until 20 "netbootd to answer" answers

# iPXE expands the variable.
# shellcheck disable=SC2016
printf '#!ipxe\ndhcp\nchain http://10.0.2.2:%s/boot/serial/${serial:uristring}.ipxe\n' "$port" >"$folder/boot.ipxe"
number=0
for serial in "${serials[@]}"; do
    number=$((number + 1))
    server=web-0$number
    # QEMU would need commas doubled; the serials have none.
    registered=${serial%%  *}
    netbootctl server add "$server" --mac "52:54:00:00:00:0$number" --serial "${registered/b5vfs/B5VFS}" >/dev/null
    netbootctl boot-mode set "$server" rescue-windows >/dev/null
    qemu-system-x86_64 -machine q35,graphics=off -accel tcg -m 128 -display none -no-reboot -nodefaults -vga none -monitor none \
        -serial "file:$folder/console" -netdev user,id=net -device virtio-net-pci,netdev=net,romfile= \
        -smbios "type=1,serial=$serial" -kernel /usr/lib/ipxe/ipxe.lkrn -initrd "$folder/boot.ipxe" 2>"$folder/qemu.log" &
    qemu=$!
    wait_until 60 "the boot of the server with the serial number '$serial'" booted "$server" || {
        strings "$folder/console" | tail -n 12 | indent
        indent <"$folder/netbootd.log"
        fail 1 "netbootd did not find the server by '$serial'"
    }
    kill "$qemu"
    wait "$qemu" || true
    good "'$serial' is found"
done
