#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# QEMU and a VHD of fixed size: qemu-img makes it as "vpc" and then takes it for a raw disk, 512 bytes larger than it is.
#
# A VHD has a footer of 512 bytes that begins with "conectix"; one of fixed size has it at its end only, behind the disk's raw
# bytes. QEMU looks at the first bytes of a file when it is given no format, so it knows dynamic VHDs and not fixed ones. One
# would guess that a file which qemu-img has just made is recognized by qemu-img. It is not, and nothing warns: a conversion
# succeeds, and the disk ends with the footer. The backup GPT, which belongs into the last sector, is one sector before the end.
# The format has to be given (-f vpc), or the footer looked for.
#
# Seen: qemu-utils 1:7.2+dfsg-7+deb12u18+b3 (Debian 12). No root, no network.
set -euo pipefail

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && apt-get download 'qemu-utils=1:7.2+dfsg-7+deb12u18+b3' >/dev/null 2>&1 && dpkg -x ./*.deb "$folder/root")
qemu_img() { "$folder/root/usr/bin/qemu-img" "$@"; }
qemu_img --version | head -n 1

format_of() { qemu_img info --output=json "$@" | python3 -c 'import json, sys; f = json.load(sys.stdin); print(f["format"], f["virtual-size"])'; }
for kind in dynamic fixed; do
    qemu_img create -q -f vpc -o "subformat=$kind,force_size=on" "$folder/$kind.vhd" 8M
    printf '%-8s without a format: %s; with -f vpc: %s; its end: %s\n' "$kind" "$(format_of "$folder/$kind.vhd")" \
        "$(format_of -f vpc "$folder/$kind.vhd")" "$(tail -c 512 "$folder/$kind.vhd" | head -c 8)"
done
[ "$(format_of "$folder/dynamic.vhd" | cut -d ' ' -f 1)" = vpc ] || { echo "changed: a dynamic VHD is not recognized" && exit 1; }
read -r format size <<<"$(format_of "$folder/fixed.vhd")"
[ "$format" = raw ] || { echo "changed: a fixed VHD is recognized" && exit 1; }
read -r _ true_size <<<"$(format_of -f vpc "$folder/fixed.vhd")"
[ "$size" = $((true_size + 512)) ] || { echo "changed: the size is $size, and with -f vpc $true_size" && exit 1; }
