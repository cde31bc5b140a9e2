#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# sfdisk (libfdisk): the random GUID of a new GPT is a version 4 UUID in the byte order of RFC 9562, but a GPT stores the first
# three fields in little endian. Read as a GPT's GUID, the version's digit is random.
#
# A random GUID has the version 4: the third group begins with it (RFC 9562, 5.4). One would guess that a tool which checks
# "is this disk's GUID random, or was it set by hand?" may look for that 4. sgdisk, Windows and systemd write it there. What
# sfdisk writes has the 4 in the third group's second byte, as sfdisk itself prints it: a check refuses 15 of 16 of its disks.
#
# Seen: fdisk 2.38.1-5+deb12u3, libfdisk1 2.38.1-5+deb12u3, gdisk 1.0.9-2.1 (Debian 12). No root, no network.
set -euo pipefail

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && apt-get download fdisk=2.38.1-5+deb12u3 libfdisk1=2.38.1-5+deb12u3 gdisk=1.0.9-2.1 >/dev/null 2>&1 &&
    for file in ./*.deb; do dpkg -x "$file" "$folder/root"; done)
LD_LIBRARY_PATH=$(echo "$folder"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
sfdisk() { "$folder/root/sbin/sfdisk" "$@"; }
sgdisk() { "$folder/root/sbin/sgdisk" "$@"; }
sfdisk --version

readonly disks=40
by_sfdisk=0 swapped=0 by_sgdisk=0
for _ in $(seq "$disks"); do
    truncate -s 4M "$folder/disk"
    echo 'label: gpt' | sfdisk --quiet "$folder/disk"
    guid=$(sfdisk --disk-id "$folder/disk")
    [[ ! $guid =~ ^.{8}-.{4}-4 ]] || by_sfdisk=$((by_sfdisk + 1))
    [[ ! $guid =~ ^.{8}-.{4}-..4 ]] || swapped=$((swapped + 1))
    rm "$folder/disk"
    truncate -s 4M "$folder/disk"
    sgdisk --clear "$folder/disk" >/dev/null
    guid=$(sgdisk --print "$folder/disk" | sed -n 's/.*GUID): //p')
    [[ ! $guid =~ ^.{8}-.{4}-4 ]] || by_sgdisk=$((by_sgdisk + 1))
    rm "$folder/disk"
done
printf 'of %d disks each: version 4 by sgdisk %d, by sfdisk %d; by sfdisk with swapped bytes %d\n' \
    "$disks" "$by_sgdisk" "$by_sfdisk" "$swapped"
[ "$by_sgdisk" = "$disks" ] || { echo "changed: sgdisk writes something else" && exit 1; }
[ "$swapped" = "$disks" ] || { echo "changed: sfdisk does not swap the bytes any more" && exit 1; }
[ "$by_sfdisk" -lt $((disks / 2)) ] || { echo "changed: sfdisk writes version 4" && exit 1; }
