#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Two disks with the same link from udev, as for two namespaces of an NVMe drive; one of them is excluded. QEMU has only
# the disk open that rescue-hold has, wherever the link leads.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=../../deploy/lab/lib/lab.sh
source "$root/deploy/lab/lib/lab.sh"
readonly state=/run/rescue-lab/$lab_name
readonly link=disk/by-id/nvme-MODEL_SERIAL

number_of() { stat -c %Hr:%Lr "$1"; }

# Writes udev's database as it is after both disks were found: both have the link.
both_claim_the_link() {
    local device
    for device in "$passed" "$excluded"; do
        printf 'S:%s\nI:1\n' "$link" | lab exec server -- install -D -m 644 /dev/stdin "/run/udev/data/b$(number_of "$device")"
    done
}

# Sets the link as the last event of udev leaves it.
link_leads_to() { lab exec server -- bash -c 'mkdir -p /dev/disk/by-id && ln -sfn "$1" "/dev/$2"' _ "$1" "$link"; }

# Prints the numbers of the block devices that the server's process of this name has open.
open_in() {
    # shellcheck disable=SC2016 # expanded there
    lab exec server -- bash -c 'for fd in /proc/"$(pgrep --exact --newest "$1")"/fd/*; do
        if [ -b "$fd" ]; then stat --dereference --format %Hr:%Lr "$fd"; fi
    done | sort -u' _ "$1"
}

expect_the_held_disk_in_qemu() {
    local held opened
    held=$(open_in rescue-hold) opened=$(open_in qemu-system-x86)
    [ "$held" = "$(number_of "$passed")" ] || die "$1: rescue-hold has '$held', not $(number_of "$passed")"
    [ "$opened" = "$held" ] || die "$1: QEMU has '$opened' open, rescue-hold has $held"
    good "$1: QEMU has only rescue-hold's disk open ($held)"
}

# Starts a session up to QEMU, and ends it: the test needs no customer.
session_has_the_held_disk() {
    lab exec datacentre -- netbootctl boot-mode set "$server" rescue-windows --reason "a shared link" >/dev/null
    lab exec server -- rescuectl start >/dev/null
    wait_until 120 "the guest to be started" step_is provision-guest begun
    expect_the_held_disk_in_qemu "$1"
    lab exec server -- rescuectl finish --then stay >"$scratch/out" 2>&1 || true # the session ends while it starts
    wait_until 120 "the session to be undone" phase_is failed
    expect_nothing_left
}

lab_up_for_test --no-rescued
remember_network
{ read -r passed && read -r excluded; } < <(disk_devices)
before=$(sha256sum <"$state/disks/disk1.img")
both_claim_the_link
link_leads_to "$excluded"

# A name of several disks is refused in the rules.
restart_rescued "disks.exclude=[/dev/$link]"
lab exec server -- rescuectl disks >"$scratch/out" 2>&1 && die "a link of two disks is taken as the name of one"
grep -q "several disks claim: " "$scratch/out" || { indent <"$scratch/out"; die "the reason is not printed"; }
good "disks.exclude by a link that two disks claim: refused"

restart_rescued "disks.exclude=[$excluded]"
session_has_the_held_disk "the link leads to the excluded disk"
link_leads_to "$passed"
session_has_the_held_disk "an event has moved the link"
[ "$(sha256sum <"$state/disks/disk1.img")" = "$before" ] || die "the excluded disk was changed"
good "the excluded disk is unchanged"
