# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The server's disks: sparse files below $state/disks, as loop devices. Which devices are the lab's is always asked
# of the kernel by their file, so that none is forgotten and none of others is touched.

# Disk $1 (from 0) has a file system with a file in it: what the customer finds.
make_disk() {
    local number=$1 size=$2 file=$state/disks/disk$1.img
    truncate -s "$size" "$file"
    if [ "$number" = 0 ]; then
        mkdir -p "$state/disks/content"
        printf 'The data of %s: here before the rescue.\n' "$server_name" >"$state/disks/content/hello.txt"
        mke2fs -q -t ext4 -L "$disk_label" -d "$state/disks/content" "$file"
    fi
    # A device that somebody once set read-only stays so after it is detached.
    blockdev --setrw "$(losetup --find --show "$file")"
}

make_disks() {
    local count=$1 size=$2 number
    mkdir -p "$state/disks"
    for ((number = 0; number < count; number++)); do make_disk "$number" "$size"; done
}

# The loop devices, in the order of the disks.
disk_devices() {
    local file
    for file in "$state"/disks/disk*.img; do
        [ ! -e "$file" ] || losetup --noheadings --output NAME --associated "$file"
    done
}

no_disk_devices() { [ -z "$(disk_devices)" ]; }

detach_disks() {
    local device
    for device in $(disk_devices); do
        losetup --detach "$device"
    done
    wait_until 20 "the loop devices to be detached" no_disk_devices
}

# What is on disk $1 under path $2, read from outside without mounting it.
read_from_disk() { debugfs -R "cat $2" "$state/disks/disk$1.img" 2>/dev/null; }
