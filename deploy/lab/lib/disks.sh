# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The server's disks: sparse files below $state/disks, as loop devices. The lab's devices are always found by their file
# in the kernel's list: none is forgotten, and no device of others is touched.

# make_disk NUMBER SIZE: disk 0 has a file system with a file for the customer.
make_disk() {
    local number=$1 size=$2 file=$state/disks/disk$1.img
    truncate -s "$size" "$file"
    if [ "$number" = 0 ]; then
        mkdir -p "$state/disks/content"
        printf 'The data of %s: here before the rescue.\n' "$server_name" >"$state/disks/content/hello.txt"
        mke2fs -q -t ext4 -L "$disk_label" -d "$state/disks/content" "$file"
    fi
    # A loop device stays read-only after its detach.
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

# Prints the file with path $2 on disk $1, without mounting it.
read_from_disk() { debugfs -R "cat $2" "$state/disks/disk$1.img" 2>/dev/null; }
