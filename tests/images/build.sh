#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# `rescue-image build` as a person runs it, with the stand-in's installation medium in the place of Microsoft's: an image
# from the ISO to its signature, that image booted, and each way in which a build ends without one.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"

readonly build=${RESCUE_BUILD:-$root/build/dev}
readonly image=${RESCUE_IMAGE:-$root/build/standin/uefi}
readonly rescue_image=$build/bin/rescue-image
readonly largest_builder_mib=512

usage() {
    cat <<'USAGE'
usage: build.sh [--only NAME] [--firmware NAME]

  --only NAME       one of: not-an-iso, hang, error-page, full-disk, end, kill, build
  --firmware NAME   of the machine in which Setup runs: bios (default) or uefi

Needs root, the programs in RESCUE_BUILD and the stand-in's image in RESCUE_IMAGE.
USAGE
}

die() { fail 1 "$@"; }

parse_arguments() {
    only='' firmware=bios
    while [ $# -gt 0 ]; do
        case $1 in
            --only | --firmware)
                [ $# -ge 2 ] || fail 2 "$1 needs a value (see --help)"
                printf -v "${1#--}" %s "$2"
                shift 2
                ;;
            --help | -h) usage && exit 0 ;;
            *) fail 2 "unknown argument '$1' (see --help)" ;;
        esac
    done
}

cleanup() {
    local code=$?
    trap - EXIT
    [ -z "${builder:-}" ] || kill -KILL "$builder" 2>/dev/null || true
    wait 2>/dev/null || true
    ! mountpoint --quiet "$work/small" || umount "$work/small"
    if [ "$code" = 0 ]; then rm -rf --one-file-system "$work"; else complain "its files are kept in $work"; fi
    exit "$code"
}

prepare() {
    require_root
    [ -x "$rescue_image" ] || fail 3 "there is no $rescue_image"
    [ -e "$image/standin.qcow2" ] || fail 3 "there is no stand-in image in $image"
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/rescue-build.XXXXXX")
    trap cleanup EXIT
    "$root/images/standin/installer/build" --image "$image" --output "$work/installer.iso" >/dev/null
    # A key with a password, which is asked for twice.
    printf 'a password of a key\na password of a key\n' | minisign -G -p "$work/key.pub" -s "$work/key" >/dev/null 2>&1
    printf 'a password of a key\n' >"$work/password"
    chmod 600 "$work/key" "$work/password"
}

# run_build [OPTION...]: builds into $work/out/image in the background; its messages go to $work/messages.
start_build() {
    rm -f "$work/progress.json"
    "$rescue_image" build stand-in --iso "$work/installer.iso" --firmware "$firmware" --out "$work/out/image" \
        --progress "$work/progress.json" "$@" >"$work/answer" 2>"$work/messages" &
    builder=$!
}
end_build() {
    code=0
    wait "$builder" || code=$?
    builder=''
    indent <"$work/messages"
}
run_build() { start_build "$@" && end_build; }

progress() { jq -r ".$1" "$work/progress.json" 2>/dev/null; }
copies_files() { [ "$(progress detail)" = 'copying files' ] || ! kill -0 "$builder" 2>/dev/null; }
children_of_builder() { pgrep --parent "$builder" || true; }

expect_code() { [ "$code" = "$1" ] || die "the exit code is $code, not $1"; }
expect_message() { grep --quiet --fixed-strings -e "$1" "$work/messages" || die "no message has '$1'"; }
expect_one_error() { [ "$(grep --count '^error: ' "$work/messages")" = 1 ] || die "not one error"; }
# Neither a result nor anything beside it, except the folder of logs.
expect_nothing_left() {
    local left
    left=$(find "${1:-$work/out}" -mindepth 1 -maxdepth 1 ! -name image.logs 2>/dev/null || true)
    [ -z "$left" ] || die "the build has left $left"
}
expect_gone() {
    local pid
    for pid in "$@"; do
        wait_until 20 "process $pid to end" eval "! kill -0 $pid 2>/dev/null" || die "QEMU outlives the builder"
    done
}
fault() {
    mkdir -p "$work/fault"
    printf '%s\n' "$1" >"$work/fault/standin-fault"
}

test_not_an_iso() {
    section "Media that are none"
    printf '<html>moved</html>\n' >"$work/page.iso"
    code=0
    "$rescue_image" build stand-in --iso "$work/page.iso" --out "$work/out/image" >"$work/answer" 2>"$work/messages" || code=$?
    expect_code 3 && expect_message 'is neither an ISO image nor a zip' && expect_one_error
    expect_nothing_left
    good "a web page with the name of an ISO is refused before anything is made"
}

test_hang() {
    section "An installer that hangs"
    fault hang
    run_build --extra "$work/fault" --stall-limit 20
    expect_code 4 && expect_message 'the installation hangs: for 20 s no new screen' && expect_one_error
    expect_nothing_left
    grep --quiet 'setup: phase: reading the answers' "$work/out/image.logs/serial.log" || die "no serial log"
    file_is_png "$work/out/image.logs/screen.png" || die "no screenshot"
    [ "$(progress state)" = failed ] || die "the progress file says $(progress state)"
    [ "$(progress screenshot)" = "$work/out/image.logs/screen.png" ] || die "the progress file does not name the screenshot"
    good "it is ended, and its screenshot and serial log are kept"
}
file_is_png() { [ "$(head --bytes 4 "$1" | tail --bytes 3)" = PNG ]; }

test_error_page() {
    section "An installer that stops with an error page"
    fault error-page
    run_build --extra "$work/fault"
    expect_code 1 && expect_message 'Setup stopped with an error: the answer file asks for an error page' && expect_one_error
    expect_nothing_left
    grep --quiet 'setup: computer name RESCUE' "$work"/out/image.logs/setup-2-var-log-setup-setupact.log ||
        die "Setup's log was not taken out of the disk"
    good "its error is reported, and its log comes out of the disk"
}

test_full_disk() {
    section "A disk that gets full in the middle of a build"
    local free qemu
    mkdir -p "$work/small"
    mount -t tmpfs -o size=1300M rescue-build "$work/small"
    rm -f "$work/progress.json"
    "$rescue_image" build stand-in --iso "$work/installer.iso" --firmware "$firmware" --out "$work/small/image" --logs "$work/logs" \
        --progress "$work/progress.json" >"$work/answer" 2>"$work/messages" &
    builder=$!
    wait_until 120 "Setup to copy files" copies_files || die "Setup did not copy files"
    qemu=$(children_of_builder)
    free=$(df --output=avail --block-size=1M "$work/small" | tail -n 1)
    fallocate -l $((free - 100))M "$work/small/filler"
    end_build
    expect_code 1 && expect_message 'is full: ' && expect_message 'MiB are the reserve' && expect_one_error
    rm -f "$work/small/filler"
    expect_nothing_left "$work/small"
    # shellcheck disable=SC2086 # a list of numbers
    expect_gone $qemu
    umount "$work/small"
    good "the machine is ended, and the work folder is gone"
}

test_end() {
    section "A build that is ended by SIGTERM"
    local qemu
    start_build
    wait_until 120 "Setup to copy files" copies_files || die "Setup did not copy files"
    qemu=$(children_of_builder)
    kill -TERM "$builder"
    end_build
    expect_code 1 && expect_message 'the build was interrupted' && expect_one_error
    expect_nothing_left
    # shellcheck disable=SC2086 # a list of numbers
    expect_gone $qemu
    good "nothing is left"
}

# Its leftovers are for the build that comes next.
test_kill() {
    section "A build that is killed"
    local qemu
    start_build
    wait_until 120 "Setup to copy files" copies_files || die "Setup did not copy files"
    qemu=$(children_of_builder)
    kill -KILL "$builder"
    wait "$builder" 2>/dev/null || true
    builder=''
    # shellcheck disable=SC2086 # a list of numbers
    expect_gone $qemu
    [ ! -e "$work/out/image" ] || die "a killed build has published"
    [ -e "$work/out/.image.build/disk.raw" ] || die "the work folder is not where it is expected"
    good "QEMU ends with it, and nothing is published"
}

# Samples the builder's largest memory until it ends, into $work/memory.
watch_memory() {
    while sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$1/status" 2>/dev/null | grep . >"$work/memory.new"; do
        mv "$work/memory.new" "$work/memory"
        sleep 0.2
    done
}

test_build() {
    section "An image, from the ISO to its signature"
    local watcher began
    began=$(elapsed_us)
    rm -rf "$work/out/image.logs" # of the builds that failed above
    start_build --key "$work/key" --key-password-file "$work/password" --image-version 2026.11.test --computer-name BUILT-1 \
        --logs "$work/logs" --json
    watch_memory "$builder" &
    watcher=$!
    end_build
    wait "$watcher" || true
    expect_code 0
    say "it took $(seconds_text $(($(elapsed_us) - began))) s; the builder had $(($(cat "$work/memory") / 1024)) MiB beside its machine"
    [ "$(cat "$work/memory")" -le $((largest_builder_mib * 1024)) ] || die "the builder takes more than $largest_builder_mib MiB"
    [ "$(progress state)" = "done" ] || die "the progress file says $(progress state)"
    expect_published
    expect_sealed
    expect_shrunk
    boot_image
}

expect_published() {
    local out=$work/out/image
    [ "$(cd "$work/out" && find . -mindepth 1 -maxdepth 1)" = ./image ] || die "there is something beside the image"
    [ "$(cd "$out" && find . -type f -printf '%f\n' | sort | tr '\n' ' ')" = 'manifest.json manifest.json.minisig standin.qcow2 standin.qcow2.chunks ' ] ||
        die "the image has the files $(ls "$out")"
    minisign -V -q -p "$work/key.pub" -m "$out/manifest.json" || die "the signature is invalid"
    jq -e --arg firmware "$firmware" --arg sha256 "$(sha256sum <"$out/standin.qcow2" | cut -d ' ' -f 1)" '
        .manifest == 2 and .kind == "standin" and .name == "standin" and .version == "2026.11.test" and .profile.firmware == $firmware
        and .files[0].sha256 == $sha256 and .files[0].chunks.name == "standin.qcow2.chunks"' "$out/manifest.json" >/dev/null ||
        die "the manifest is wrong: $(cat "$out/manifest.json")"
    grep --quiet 'setup: phase: installed' "$work/logs/serial.log" || die "the logs have no serial log"
    good "image, digests, manifest and signature are published, and nothing else"
}

# in_image FILE: prints a file of the image's root, without mounting it.
in_image() { debugfs -R "cat $1" "$work/disk.raw?offset=$((51200 * 512))" 2>/dev/null; }
expect_sealed() {
    qemu-img convert -O raw "$work/out/image/standin.qcow2" "$work/disk.raw"
    sgdisk --verify "$work/disk.raw" | grep --quiet 'No problems found' || die "the partition table is damaged"
    [ "$(in_image /etc/hostname)" = BUILT-1 ] || die "the name of the computer is $(in_image /etc/hostname)"
    in_image /etc/shadow | grep --quiet '^Administrator:!:' || die "Setup's password is still valid"
    [ -z "$(in_image /etc/machine-id)" ] || die "each copy would have this machine's identity"
    debugfs -R 'ls -p /etc/ssh' "$work/disk.raw?offset=$((51200 * 512))" 2>/dev/null >"$work/ssh"
    grep --quiet sshd_config "$work/ssh" || die "the image can't be read"
    ! grep --quiet ssh_host "$work/ssh" || die "each copy would have this machine's SSH key"
    rm -f "$work/disk.raw"
    good "the image has the answers, and neither a password nor keys"
}

expect_shrunk() {
    jq -e '.sealed_bytes + 33554432 < .disk_bytes and .image_bytes <= .sealed_bytes' "$work/answer" >/dev/null ||
        die "the image is not smaller: $(cat "$work/answer")"
    qemu-img check -q "$work/out/image/standin.qcow2" || die "the image is damaged"
    good "$(jq -r '"\(.disk_bytes / 1048576 | floor) MiB after Setup, \(.image_bytes / 1048576 | floor) MiB as an image"' "$work/answer")"
}

# By the checks of the contract, without those for which it boots twice more: verify.sh has them.
boot_image() {
    "$rescue_image" verify --skip C32,C33,C34 "$work/out/image" >"$work/verified" 2>&1 ||
        { indent <"$work/verified" && die "the image fails its verification"; }
    good "rescue-image verify accepts the image"
}

main() {
    local test
    parse_arguments "$@"
    prepare
    for test in not_an_iso hang error_page full_disk end kill build; do
        if [ -z "$only" ] || [ "$only" = "${test//_/-}" ]; then "test_$test"; fi
    done
}

main "$@"
