# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Mounts the root: the squashfs below, RAM above.

mount_root() {
    local base=/run/rescue-system loop
    problem="cannot mount the squashfs"
    mount -o remount,ro "$base/medium"
    modprobe -q loop || true
    modprobe -q squashfs || true
    modprobe -q overlay || true
    loop=$(losetup --show --find --read-only "$squashfs") || return 1
    mkdir -p "$base/lower" "$base/overlay"
    mount -t squashfs -o ro "$loop" "$base/lower" || return 1
    problem="cannot mount the root of $overlay_size in RAM"
    mount -t tmpfs -o "size=$overlay_size,mode=755" overlay "$base/overlay" || return 1
    mkdir "$base/overlay/upper" "$base/overlay/work"
    mount -t overlay -o "lowerdir=$base/lower,upperdir=$base/overlay/upper,workdir=$base/overlay/work" \
        overlay "$rootmnt" || return 1
    [ ! -s "$base/hostname" ] || cp "$base/hostname" "$rootmnt/etc/hostname"
}
