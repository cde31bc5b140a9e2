#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# QEMU's -drive and drive_add refuse a disk that is handed over as an open descriptor (-add-fd) for reading and writing:
# "Could not dup FD for /dev/fdset/50 flags 0: Permission denied", also with readonly=off.
#
# A drive's file is opened for reading first and again for writing when somebody writes (auto-read-only, on for -drive). From a
# set of descriptors QEMU takes only one whose access is exactly the one it wants, and a descriptor that can do both is not one
# for reading. One would guess that it is more than enough, and the message speaks of permissions, which are not the cause.
# Remedies: add a second descriptor for reading to the set, auto-read-only=off, or -blockdev, where auto-read-only is off.
#
# Seen: qemu-system-x86 1:7.2+dfsg-7+deb12u18+b3 (Debian 12). No root; some 100 MB are fetched.
set -euo pipefail

readonly version=1:7.2+dfsg-7+deb12u18+b3
folder=$(mktemp -d)
readonly folder
trap 'rm -rf "$folder"' EXIT

# Fetches the program with all that it needs, as if nothing was installed.
mkdir -p "$folder/archives/partial" "$folder/root"
: >"$folder/status"
apt-get -q -o Dir::State::status="$folder/status" -o Dir::Cache::archives="$folder/archives" -o Debug::NoLocking=1 \
    -o APT::Sandbox::User="$(id -un)" install --yes --download-only --no-install-recommends "qemu-system-x86=$version" \
    >/dev/null 2>&1
for package in "$folder"/archives/*.deb; do dpkg -x "$package" "$folder/root"; done
libraries=$folder/root/lib/x86_64-linux-gnu:$folder/root/usr/lib/x86_64-linux-gnu
libraries+=:$folder/root/usr/lib/x86_64-linux-gnu/blas:$folder/root/usr/lib/x86_64-linux-gnu/lapack

qemu() {
    QEMU_MODULE_DIR=$folder/root/usr/lib/x86_64-linux-gnu/qemu \
        "$folder/root/lib64/ld-linux-x86-64.so.2" --library-path "$libraries" \
        "$folder/root/usr/bin/qemu-system-x86_64" -machine none -nodefaults -display none -qmp stdio "$@" \
        <<<'{"execute": "qmp_capabilities"}{"execute": "query-named-block-nodes"}{"execute": "quit"}' 2>&1
}
qemu | head -n 1
truncate -s 1M "$folder/disk"

exec 3<>"$folder/disk"
exec 4<"$folder/disk" # for reading only

# outcome OPTION...: "opened", or QEMU's message.
outcome() {
    local answer
    answer=$(qemu "$@") || true
    if grep -q '"file": "/dev/fdset/50"' <<<"$answer"; then echo opened; else grep -o 'Could not.*' <<<"$answer" | head -n 1; fi
}
readonly drive=if=none,id=d,format=raw,readonly=off,file=/dev/fdset/50
# expect WHAT OUTCOME OPTION...
expect() {
    local seen
    seen=$(outcome "${@:3}")
    echo "$1: $seen"
    [ "$seen" = "$2" ] || { echo "changed: it was: $2" && exit 1; }
}
expect "-drive, for reading and writing" "Could not dup FD for /dev/fdset/50 flags 0: Permission denied" \
    -add-fd fd=3,set=50 -drive "$drive"
expect "-drive, and one more for reading" opened -add-fd fd=3,set=50 -add-fd fd=4,set=50 -drive "$drive"
expect "-drive, auto-read-only=off" opened -add-fd fd=3,set=50 -drive "$drive,auto-read-only=off"
expect "-blockdev, for reading and writing" opened -add-fd fd=3,set=50 \
    -blockdev driver=file,node-name=f,filename=/dev/fdset/50
