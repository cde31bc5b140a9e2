#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# rescued's list of disks that only a real kernel with a real udev has: namespaces of one NVMe drive, a mirror of the
# firmware, loop devices over disks, flash, zones, a disk that is offline.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"
export RESCUE_BUILD=${RESCUE_BUILD:-$root/build/dev}

outside() {
    local folder name number=0 arguments=()
    folder=$(mktemp -d "${TMPDIR:-/var/tmp}/rescue-disks.XXXXXX")
    # shellcheck disable=SC2064 # expanded now
    trap "rm -rf '$folder'" EXIT
    for name in first second mirror1 mirror2 whole part nested offline; do truncate -s 64M "$folder/$name"; done
    arguments+=(--qemu -device --qemu "nvme,id=nvme,serial=SHARED,smart_critical_warning=1")
    for name in first second; do
        number=$((number + 1))
        arguments+=(--disk "$folder/$name,nvme-ns,bus=nvme,nsid=$number")
    done
    arguments+=(--qemu -device --qemu "virtio-scsi-pci,id=scsi")
    for name in mirror1 mirror2 whole part nested offline; do
        arguments+=(--disk "$folder/$name,scsi-hd,bus=scsi.0,serial=$name")
    done
    "$root/tests/in-guest/run" --udev --memory 1536 --seconds 480 --module sd_mod --module loop --module raid1 --module ext4 \
        "${arguments[@]}" -- "$0" inside
}

die() { fail 1 "$@"; }
disk_named() { readlink -f "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_$1"; }
answers() { "$RESCUE_BUILD/bin/rescuectl" status --json >/dev/null 2>&1; }

start_rescued() { # SETTINGS of disks
    mkdir -p /etc/rescue
    printf 'server:\n  name: in-guest\n%s\n' "$1" >/etc/rescue/rescued.yaml
    "$RESCUE_BUILD/bin/rescued" --config /etc/rescue/rescued.yaml >/run/rescued.log 2>&1 &
    rescued=$!
    wait_until 60 "rescued to answer" answers
}

stop_rescued() {
    kill "$rescued"
    wait "$rescued" || true
}

look() { "$RESCUE_BUILD/bin/rescuectl" disks --json >/run/disks.json || { indent </run/rescued.log; die "no list of disks"; }; }
reason_of() { jq -r --arg path "$1" '.excluded[] | select(.path == $path) | .reason' /run/disks.json; }
detail_of() { jq -r --arg path "$1" '.excluded[] | select(.path == $path) | .detail' /run/disks.json; }
usable() { jq -r --arg path "$1" '.usable[] | select(.path == $path) | '"$2" /run/disks.json; }

expect_excluded() { # PATH REASON DETAIL WHAT
    [ "$(reason_of "$1")" = "$2" ] || { jq . /run/disks.json | indent; die "$4: $1 is '$(reason_of "$1")', not $2"; }
    [[ $(detail_of "$1") = *"$3"* ]] || die "$4: '$(detail_of "$1")' has no '$3'"
    good "$4: $(detail_of "$1")"
}

two_namespaces_are_two_disks() {
    local shared=/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_SHARED path
    [ -e "$shared" ] || die "udev no longer makes a link by model and serial: $(ls /dev/disk/by-id)"
    for path in /dev/nvme0n1 /dev/nvme0n2; do
        udevadm info --query symlink "$path" | grep -qw "${shared#/dev/}" || die "$path does not claim $shared"
        [ "$(usable "$path" .device)" = "$(stat -c %Hr:%Lr "$path")" ] || die "$path has another number"
        [ "$(usable "$path" .stable_path)" != "$shared" ] || die "$path is named by a link that it shares"
        [ "$(stat -L -c %Hr:%Lr "$(usable "$path" .stable_path)")" = "$(usable "$path" .device)" ] ||
            die "$path is named by a link that leads elsewhere"
    done
    good "two namespaces under real udev: $(usable /dev/nvme0n1 .stable_path), $(usable /dev/nvme0n2 .stable_path)"
}

health_is_read() {
    local finding
    [ "$(usable /dev/nvme0n1 .health.passed)" = false ] || die "an NVMe drive that warns is well: $(usable /dev/nvme0n1 .health)"
    finding=$(jq -r '.findings[] | select(.code == "disk-failing" and .disk == "/dev/nvme0n1") | .text' /run/disks.json)
    [[ $finding = *"spare blocks"* ]] || die "the warning of the NVMe drive is no finding: '$finding'"
    good "health by smartctl: /dev/nvme0n1: $finding"
}

make_mirror() {
    local first second
    first=$(disk_named mirror1) second=$(disk_named mirror2)
    export IMSM_NO_PLATFORM=1 IMSM_DEVNAME_AS_SERIAL=1
    mdadm --quiet --create /dev/md/imsm --run --metadata imsm --raid-devices 2 "$first" "$second"
    mdadm --quiet --create /dev/md/volume --run --level 1 --raid-devices 2 /dev/md/imsm </dev/null
    mdadm --quiet --stop /dev/md/volume && mdadm --quiet --stop /dev/md/imsm
    udevadm trigger --settle "$first" "$second"
}

make_loops() {
    local part
    mkdir -p /run/whole
    mkfs.ext4 -q "$(disk_named whole)"
    mount "$(losetup --find --show "$(disk_named whole)")" /run/whole
    part=$(disk_named part)
    addpart "$part" 1 2048 120000 # a table on the disk would need another program
    udevadm settle
    mkswap --quiet "${part}1"
    swapon "$(losetup --find --show "${part}1")"
    losetup --find "$(losetup --find --show "$(disk_named nested)")"
}

make_odd_disks() {
    modprobe mtdram total_size=4096 && modprobe mtdblock
    modprobe scsi_debug zbc=host-managed dev_size_mb=256 zone_size_mb=4
    udevadm settle
    echo offline >"/sys/block/$(basename "$(disk_named offline)")/device/state"
}

inside() {
    local mirror
    make_mirror
    make_loops
    make_odd_disks
    start_rescued ''
    look
    two_namespaces_are_two_disks
    health_is_read
    for mirror in mirror1 mirror2; do
        expect_excluded "$(disk_named "$mirror")" firmware-raid isw_raid_member "a member of Intel's mirror"
    done
    expect_excluded "$(disk_named whole)" mounted "is mounted on /run/whole, and is built on" "a disk below a loop device that is mounted"
    expect_excluded "$(disk_named part)" mounted "is swap, and is built on" "a partition below a loop device that is swap"
    expect_excluded "$(disk_named nested)" assembled "is part of the active device /dev/loop" "a disk below two loop devices"
    expect_excluded "$(disk_named offline)" offline "does not answer" "a disk that the kernel has given up"
    expect_excluded /dev/mtdblock0 firmware-storage firmware "flash of the board"
    expect_excluded "/dev/$(basename /sys/bus/pseudo/drivers/scsi_debug/adapter*/host*/target*/*/block/*)" zoned zones \
        "a disk with zones"
    stop_rescued
    start_rescued "disks:
  only: [/dev/disk/by-id/nvme-QEMU_NVMe_Ctrl_SHARED]"
    "$RESCUE_BUILD/bin/rescuectl" disks >/run/out 2>&1 && die "a link that two namespaces claim is taken as the name of one"
    grep -q "several disks claim: /dev/nvme0n1, /dev/nvme0n2" /run/out || { indent </run/out; die "the reason is not printed"; }
    good "disks.only by a link that two namespaces claim: refused"
    stop_rescued
    an_assembled_mirror_is_one_disk
}

# Does what the hint of the mirror's excluded members advises.
an_assembled_mirror_is_one_disk() {
    local array
    mdadm --quiet --assemble /dev/md/imsm "$(disk_named mirror1)" "$(disk_named mirror2)"
    mdadm --quiet --incremental /dev/md/imsm
    udevadm settle
    array=$(readlink -f /dev/md/volume_0)
    start_rescued "disks:
  only: [$array]"
    look
    [ "$(jq -r '[.usable[].path] | join(" ")' /run/disks.json)" = "$array" ] || { jq . /run/disks.json | indent; die "$array is not the disk"; }
    good "Intel's mirror, assembled by hand and named in disks.only: $array"
    stop_rescued
}

"${1:-outside}"
