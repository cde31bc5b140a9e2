#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# libfdisk and a disk that is one NTFS volume without a partition table: it says that the disk has an MBR without partitions.
#
# The first sector of an NTFS volume ends in 0x55 0xaa, as that of an MBR does. libblkid, of the same source package, looks for the
# volume first and finds no table; partx, which uses it, fails. fdisk and sfdisk, which use libfdisk, print an empty table of the
# type dos with the identifier 0x00000000, and exit with 0. One would guess that the two libraries agree, and that a table without
# partitions is a disk to be partitioned: here it is a disk full of files. Who reads tables by libfdisk has to ask libblkid what the
# disk holds as a whole.
#
# Seen: fdisk and libfdisk1 2.38.1-5+deb12u3, ntfs-3g 1:2022.10.3-1+deb12u4 (Debian 12). No root, no network.
set -euo pipefail

folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

(cd "$folder" && apt-get download fdisk=2.38.1-5+deb12u3 libfdisk1=2.38.1-5+deb12u3 libblkid1=2.38.1-5+deb12u3 \
    util-linux=2.38.1-5+deb12u3 ntfs-3g=1:2022.10.3-1+deb12u4 libntfs-3g89=1:2022.10.3-1+deb12u4 >/dev/null 2>&1 &&
    for package in ./*.deb; do dpkg -x "$package" "$folder/root"; done)
export LD_LIBRARY_PATH=$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu
root_program() { "$(find "$folder/root" -path "*bin/$1" | head -n 1)" "${@:2}"; }
root_program sfdisk --version

truncate --size 12M "$folder/volume"
root_program mkntfs --force --fast --quiet "$folder/volume" 2>/dev/null
whole=$(root_program blkid --probe --output value --match-tag TYPE "$folder/volume")
table=$(root_program sfdisk --dump "$folder/volume" | sed -n 's/^label: //p')
partitions=$(root_program sfdisk --dump "$folder/volume" | grep --count '^/.*start=' || true)
echo "the disk as a whole, by libblkid: $whole; its partition table, by libfdisk: $table with $partitions partitions"
[ "$whole" = ntfs ] || { echo "changed: libblkid says '$whole'" && exit 1; }
[ "$table $partitions" = 'dos 0' ] || { echo "changed: libfdisk finds the table '$table' with $partitions partitions" && exit 1; }
! root_program partx --show "$folder/volume" 2>/dev/null || { echo "changed: partx finds a table" && exit 1; }
