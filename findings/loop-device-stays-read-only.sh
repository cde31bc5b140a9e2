#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# losetup, loop devices: a device that was once set read-only (blockdev --setro) is read-only for whoever attaches it next.
#
# One would guess that detaching a loop device forgets all of it, and that `losetup FILE` without --read-only gives a device
# that can be written. But blockdev's flag belongs to the node /dev/loopN, not to what is attached: it survives the detach.
# losetup attaches the next file without an error, the device opens for writing, and the first write fails with "Operation
# not permitted", although the file is writable and nobody has asked for read-only. `blockdev --setrw` after attaching
# cures it; tests that take any free device want it each time.
#
# Seen: util-linux and mount 2.38.1-5+deb12u3 (Debian 12), Linux 6.18. Root; takes one free loop device and gives it back
# writable.
set -euo pipefail

readonly wanted='2.38.1-5+deb12u3'
folder=$(mktemp -d)
readonly folder
device=''
end() {
    if [ -n "$device" ]; then
        blockdev --setrw "$device" || true
        losetup --detach "$device" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap end EXIT

(cd "$folder" && apt-get download "util-linux=$wanted" "mount=$wanted" >/dev/null 2>&1 &&
    for file in ./*.deb; do dpkg -x "$file" "$folder/root"; done)
losetup() { "$folder/root/sbin/losetup" "$@"; }
blockdev() { "$folder/root/sbin/blockdev" "$@"; }

truncate -s 1M "$folder/first" "$folder/second"
device=$(losetup --find --show "$folder/first")
printf '%s; Linux %s\n' "$(losetup --version)" "$(uname -r)"
blockdev --setro "$device"
losetup --detach "$device"
for _ in {1..50}; do
    ! losetup --list --noheadings --output NAME | grep --quiet --line-regexp " *$device *" && break
    sleep 0.1
done
losetup "$device" "$folder/second"

read_only=$(blockdev --getro "$device")
written=$(dd if=/dev/zero of="$device" bs=512 count=1 oflag=direct 2>&1 >/dev/null | head -n 1 || true)
printf 'attached again without --read-only: getro says %s; a write: %s\n' "$read_only" "$written"
[ "$read_only" = 1 ] || { echo "changed: the device is writable" && exit 1; }
[[ $written == *'Operation not permitted'* ]] || { echo "changed: the write gives something else" && exit 1; }
blockdev --setrw "$device"
dd if=/dev/zero of="$device" bs=512 count=1 oflag=direct status=none
echo "after blockdev --setrw it can be written"
