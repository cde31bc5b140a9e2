#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# rescue-image verify: the stand-in passes every point that applies to it, and images that are broken in one point fail
# in exactly that one. Broken images are changed offline by debugfs; nothing is mounted, and root is not needed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"

readonly build=${RESCUE_BUILD:-$root/build/dev}
readonly image=${RESCUE_IMAGE:?RESCUE_IMAGE names the folder of the stand-in image}
readonly boots_at_once=${RESCUE_BOOTS_AT_ONCE:-2}
readonly power_points=C32,C33,C34 # two more boots, and a wait

work=$(mktemp -d "${TMPDIR:-/var/tmp}/rescue-verify-test.XXXXXX")
jobs_left=()
failures=0
cleanup() {
    local code=$?
    trap - EXIT
    [ ${#jobs_left[@]} = 0 ] || kill "${jobs_left[@]}" 2>/dev/null || true
    wait || true
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT

# The stand-in's disk as a raw file, and a manifest for files like it. BIOS boots in half the time.
prepare() {
    qemu-img convert -O raw "$image/standin.qcow2" "$work/base.raw"
    root_offset=$(($(sfdisk --json "$work/base.raw" | jq '.partitiontable.partitions[1].start') * 512))
}

# make_image NAME [DEBUGFS-COMMAND...]: a copy of the disk with these changes in its root file system.
make_image() {
    local folder=$work/$1
    mkdir "$folder"
    shift
    cp --sparse=always --reflink=auto "$work/base.raw" "$folder/disk.raw"
    if [ $# -gt 0 ]; then
        printf '%s\n' "$@" >"$folder/commands"
        debugfs -w -f "$folder/commands" "$folder/disk.raw?offset=$root_offset" >"$folder/debugfs.log" 2>&1
        ! grep -v -e '^debugfs' -e '^Allocated inode' -e '^$' "$folder/debugfs.log" || fail 1 "debugfs could not change the image"
    fi
    describe "$folder" disk.raw raw .
}

# describe FOLDER FILE FORMAT FILTER: writes a manifest without the right digest; C1 is left out for it.
describe() {
    jq --arg name "$2" --arg format "$3" --argjson size "$(stat --dereference -c %s "$1/$2")" "
        .profile.firmware = \"bios\" | .files |= map(select(.role == \"system-disk\"))
        | .files[0] |= (.name = \$name | .format = \$format | .size = \$size | del(.chunks)) | $4" \
        "$image/manifest.json" >"$1/manifest.json"
}

# A program that runs at boot: unit_at_boot NAME COMMAND prints the commands of debugfs.
unit_at_boot() {
    printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "%s"\n' "$2" >"$work/$1.service"
    printf '%s\n' "write $work/$1.service /etc/systemd/system/$1.service" \
        "symlink /etc/systemd/system/multi-user.target.wants/$1.service /etc/systemd/system/$1.service"
}

# mask UNIT: prints the commands of debugfs. mask_own: for a unit that the stand-in has a file of its own for.
mask() { printf 'symlink /etc/systemd/system/%s /dev/null\n' "$1"; }
mask_own() { printf 'rm /etc/systemd/system/%s\n' "$1" && mask "$1"; }

# verify FOLDER OPTION...: result.json and log beside the image; prints nothing.
verify() {
    local folder=$1
    shift
    [[ " $* " = *" --boot-limit "* ]] || set -- --boot-limit 150 "$@"
    [[ " $* " = *" --shutdown-limit "* ]] || set -- --shutdown-limit 60 "$@"
    exec "$build/bin/rescue-image" verify --json --memory 768 --idle 3 --service-limit 30 --logs "$folder/logs" \
        "$@" "$folder" >"$folder/result.json" 2>"$folder/log"
}

# start EXPECTED FOLDER OPTION...: verifies in the background. EXPECTED: the point that fails; "none".
start() {
    local expected=$1 folder=$work/$2
    shift 2
    [ ${#jobs_left[@]} -lt "$boots_at_once" ] || finish_one
    verify "$folder" "$@" &
    jobs_left+=($!)
    folder_of[$!]=$folder expected_of[$!]=$expected
}

finish_one() {
    local pid code=0 index
    wait -n -p pid "${jobs_left[@]}" || code=$?
    for index in "${!jobs_left[@]}"; do [ "${jobs_left[index]}" != "$pid" ] || unset "jobs_left[$index]"; done
    jobs_left=("${jobs_left[@]}")
    judge "${folder_of[$pid]}" "${expected_of[$pid]}" "$code"
}

judge() { # FOLDER EXPECTED CODE
    local name=${1##*/} expected=$2 failed wanted_code=1
    [ "$expected" != none ] || expected='' wanted_code=0
    failed=$(jq -r '[.results[] | select(.result == "fail").point] | join(" ")' "$1/result.json" 2>/dev/null) || failed='no result'
    if [ "$failed" = "$expected" ] && [ "$3" = $wanted_code ]; then
        good "$name: ${expected:-nothing} fails: $(jq -r '[.results[] | select(.result == "fail").detail] | join("") | split("\n")[0] // ""' "$1/result.json")"
        return
    fi
    failures=$((failures + 1))
    complain "$name: '$failed' failed with exit code $3, and not '$expected' with $wanted_code"
    { tail -n 5 "$1/log" && jq -c '.results[] | select(.result == "fail")' "$1/result.json" && tail -n 15 "$1/logs/serial.log"; } 2>/dev/null | indent || true
}

# The good image is the very file of the stand-in, with its digest.
good_image() {
    mkdir "$work/good"
    ln "$image/standin.qcow2" "$work/good/" 2>/dev/null || cp "$image/standin.qcow2" "$work/good/"
    jq '.profile.firmware = "bios" | .files |= map(select(.role == "system-disk") | del(.chunks))' "$image/manifest.json" >"$work/good/manifest.json"
}

broken_images() {
    local -a commands
    mapfile -t commands < <(mask_own ssh.service)
    make_image ssh-masked "${commands[@]}"
    make_image no-agent 'rm /usr/sbin/qemu-ga'
    mapfile -t commands < <(mask_own xrdp.service)
    make_image rdp-masked "${commands[@]}"
    mapfile -t commands < <(unit_at_boot curious 'mount -o ro,noload /dev/sdb1 /mnt')
    make_image mounts-disk "${commands[@]}"
    mapfile -t commands < <(unit_at_boot careless 'echo x | dd of=/dev/sdb bs=512 seek=3000 conv=fsync')
    make_image writes-to-disk "${commands[@]}"
    mapfile -t commands < <(mask acpid.service)
    make_image ignores-power-button "${commands[@]}"
    make_image no-boot-code
    dd if=/dev/zero of="$work/no-boot-code/disk.raw" bs=440 count=1 conv=notrunc status=none
    make_image recovery-partition
    sgdisk --typecode=2:de94bba4-06d1-4d40-a16a-bfd50179d6ac "$work/recovery-partition/disk.raw" >/dev/null
    mkdir "$work/hostname-fails"
    ln -s ../base.raw "$work/hostname-fails/disk.raw"
    describe "$work/hostname-fails" disk.raw raw '.profile.set_hostname = ["/bin/false", "{hostname}"]'
    mkdir "$work/wrong-digest"
    ln -s ../base.raw "$work/wrong-digest/disk.raw"
    describe "$work/wrong-digest" disk.raw raw .
}

every_point_has_a_result() {
    local points
    points=$(jq -r '[.results[].point | ltrimstr("C") | tonumber] | sort | join(" ")' "$work/good/result.json")
    [ "$points" = "$(echo {1..38})" ] || fail 1 "points are missing: $points"
    [ "$(jq '[.results[] | select(.result == "not-applicable")] | length' "$work/good/result.json")" = 11 ] ||
        fail 1 "other points than Windows' do not apply to the stand-in"
    good "good: all 38 points have a result"
}

results_are_in_the_manifest() {
    local recorded
    recorded=$(jq -c '[.contract.results[] | {point, result}]' "$work/good/manifest.json")
    [ "$recorded" = "$(jq -c '[.results[] | {point, result}]' "$work/good/result.json")" ] ||
        fail 1 "the manifest has other results: $recorded"
    # The manifest is still one: a verification of the file reads it.
    "$build/bin/rescue-image" verify --skip C6 "$work/good" >/dev/null 2>&1 || fail 1 "the manifest is no longer valid"
    good "good: the manifest has the results"
}

actions_of_the_profile_work() {
    local passed
    passed=$(jq -r '[.results[] | select(.point == ("C36", "C37", "C38") and .result == "pass").point] | join(" ")' "$work/good/result.json")
    [ "$passed" = "C36 C37 C38" ] || fail 1 "of the actions' points only these passed: $passed"
    good "good: SSH keys, keyboard, texts and keys-only by the actions of the profile"
}

boot_profile_is_written() {
    [ "$(head -n 1 "$work/profile")" = "rescue-boot-profile 1" ] || fail 1 "there is no boot profile"
    [ "$(wc -l <"$work/profile")" -gt 20 ] || fail 1 "the boot profile has hardly any chunks"
    good "good: the boot profile has $(($(wc -l <"$work/profile") - 1)) chunks of $(($(stat -c %s "$image/standin.qcow2") / 262144 + 1))"
}

qemu_runs() { pgrep --parent "$1" qemu-system >/dev/null; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Ended in the middle of a boot, it leaves neither QEMU nor its folder.
interruption_leaves_nothing() {
    local pid qemu
    mkdir "$work/interrupted"
    TMPDIR=$work/interrupted "$build/bin/rescue-image" verify --skip C1 "$work/good" >/dev/null 2>&1 &
    pid=$!
    jobs_left=("$pid")
    wait_until 60 "QEMU to start" qemu_runs "$pid"
    qemu=$(pgrep --parent "$pid" qemu-system)
    kill -TERM "$pid"
    wait "$pid" || true
    jobs_left=()
    wait_until 10 "QEMU to end" is_gone "$qemu"
    [ -z "$(ls "$work/interrupted")" ] || fail 1 "an interrupted verification left its folder"
    good "an interrupted verification leaves nothing"
}

main() {
    local -A folder_of=() expected_of=()
    local digest
    digest=$(sha256sum <"$image/standin.qcow2")
    section "Images"
    prepare
    good_image
    broken_images
    section "Verifications, $boots_at_once at a time"
    start none good --record --boot-profile "$work/profile"
    start C34 ignores-power-button --skip C1,C32,C33 --shutdown-limit 20
    start C6 no-boot-code --skip C1 --boot-limit 20
    start C8 no-agent --skip "C1,$power_points"
    start C11 ssh-masked --skip "C1,$power_points"
    start C14 rdp-masked --skip "C1,$power_points"
    start C16 hostname-fails --skip "C1,$power_points"
    start C19 mounts-disk --skip "C1,$power_points"
    start C35 writes-to-disk --skip "C1,$power_points"
    start C4 recovery-partition --skip C1,C6
    start C1 wrong-digest --skip C6
    while [ ${#jobs_left[@]} -gt 0 ]; do finish_one; done
    section "The good image"
    every_point_has_a_result
    results_are_in_the_manifest
    actions_of_the_profile_work
    boot_profile_is_written
    [ "$digest" = "$(sha256sum <"$image/standin.qcow2")" ] || fail 1 "the image was changed"
    good "good: the image is unchanged"
    interruption_leaves_nothing
    [ "$failures" = 0 ] || fail 1 "$failures images had another result than expected"
}

main "$@"
