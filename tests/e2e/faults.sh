#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Faults at a provider's, with real parts: each ends in one clear message with its remedy and the right exit code,
# everything is undone, and the boot mode is the disk again.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

# fault NAME EXIT-CODE TEXT [SETTING...]: a start with these settings fails like this, and leaves nothing behind.
fault() {
    local name=$1 code=$2 text=$3
    shift 3
    arm
    restart_rescued "$@"
    expect_failing_start "$name" "$code" "$text"
}

arm() { lab exec datacentre -- netbootctl boot-mode set "$server" rescue-windows --reason "a fault" >/dev/null; }

expect_failing_start() {
    local name=$1 code=$2 text=$3 got=0
    lab exec server -- rescuectl start --wait --credentials-file /run/none.json >"$scratch/out" 2>&1 || got=$?
    [ "$got" = "$code" ] || { indent <"$scratch/out"; die "$name: exit code $got, not $code"; }
    grep -qF -- "$text" "$scratch/out" || { indent <"$scratch/out"; die "$name: prints no '$text'"; }
    grep -q 'hint: ' "$scratch/out" || { indent <"$scratch/out"; die "$name: names no remedy"; }
    if lab exec server -- test -e /run/none.json; then die "$name: credentials were given out"; fi
    [ "$(status '[.steps[].name] | index("announce")')" = null ] || die "$name: reached announce"
    expect_nothing_left
    good "$name: exit $code, '$text'"
}

# Copies the lab's image in the server, changes its manifest with the jq program $1, and signs it with the test's key.
image_with() {
    rm -rf "$scratch/image"
    mkdir "$scratch/image"
    jq "$1" "$image/manifest.json" >"$scratch/image/manifest.json"
    [ -e "$scratch/key" ] || minisign -G -W -f -p "$scratch/key.pub" -s "$scratch/key" >/dev/null
    minisign -S -s "$scratch/key" -m "$scratch/image/manifest.json" >/dev/null
    lab exec server -- mkdir -p /run/changed
    local file
    for file in manifest.json manifest.json.minisig; do
        lab exec server -- install -m 644 /dev/stdin "/run/changed/$file" <"$scratch/image/$file"
    done
    lab exec server -- install -m 644 /dev/stdin /run/changed/key.pub <"$scratch/key.pub"
    lab exec server -- ln -sf /var/lib/rescue/images/current/standin.qcow2 /run/changed/standin.qcow2
}
readonly changed_image=(image.manifest=/run/changed/manifest.json image.public_key=/run/changed/key.pub)

lab_up_for_test --no-rescued
remember_network

fault "too little memory" 3 "MiB are required" memory.minimum_mib=999999
fault "an unknown disk" 3 "disks.only" "disks.only=[/dev/no-such-disk]"
fault "a missing NIC" 3 "eth7" network.interface=eth7

image_with .
fault "another key" 3 "signed with another key" image.public_key=/run/changed/key.pub
image_with '.files[0].sha256 = ("0" * 64)'
fault "a wrong digest" 3 "SHA-256" "${changed_image[@]}"
image_with .
lab exec server -- rm /run/changed/manifest.json.minisig
fault "no signature" 3 "has no signature" "${changed_image[@]}"

arm
restart_rescued
lab daemon stop libvirtd
expect_failing_start "libvirtd down" 1 "libvirt"
lab daemon start libvirtd

fault "a guest that never answers" 4 "guest agent" deadlines.guest_agent=2s

image_with '.profile.administrator = "Nobody"'
fault "a guest agent that refuses the password" 1 "Nobody" "${changed_image[@]}"
image_with '.profile.set_hostname = ["/usr/bin/systemctl", "stop", "ssh.service"]'
fault "SSH that stays closed" 1 "SSH" "${changed_image[@]}" deadlines.access=8s
image_with '.profile.set_hostname = ["/usr/bin/systemctl", "stop", "xrdp.service"]'
fault "RDP that stays closed" 1 "RDP" "${changed_image[@]}" deadlines.access=20s

# netbootd stops during a session: the session ends with exit 5 and the remedy, and the remedy works.
arm
restart_rescued deadlines.guest_agent=6s deadlines.boot_restore=3s
lab exec server -- rescuectl start >/dev/null
wait_until 30 "the guest to be started" step_is provision-guest begun
lab daemon stop netbootd
wait_until 60 "the session to fail" phase_is failed
got=0
lab exec server -- rescuectl status --watch >"$scratch/out" 2>&1 || got=$?
[ "$got" = 5 ] || { indent <"$scratch/out"; die "netbootd away: exit code $got, not 5"; }
grep -q 'rescuectl restore-boot' "$scratch/out" || die "netbootd away: the remedy is not named"
lab daemon start netbootd
lab exec server -- rescuectl restore-boot
expect_nothing_left
good "netbootd away at the end: exit 5, and restore-boot repairs it"
