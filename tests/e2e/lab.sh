#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The lab itself: it leaves no trace, even if its start is interrupted, and labs are isolated from each other.
set -euo pipefail
# shellcheck source=../../deploy/lab/lib/output.sh
source "$(dirname "$0")/../../deploy/lab/lib/output.sh"
# shellcheck source=../../deploy/lab/lib/leftovers.sh
source "$(dirname "$0")/../../deploy/lab/lib/leftovers.sh"
begin_run "${RESCUE_RUN:-$(dirname "$0")/../../build}" -- "$@"
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

readonly options=(--no-rescued --build "$build")
second_lab() { "$root/deploy/lab/host-lab" --name "$lab_name-second" "$@"; }
end_of_lab_test() {
    local code=$?
    trap - EXIT ERR
    second_lab down || code=1
    (exit "$code") || true
    lab down || code=1
    rm -rf "$scratch"
    end_run
    exit "$code"
}
trap end_of_lab_test EXIT

expect_as_before() {
    check_leftovers || die "$1: something is left behind"
}

# Kills `up` with SIGKILL $1 seconds after it began.
cut_short() {
    local pid
    "$root/deploy/lab/host-lab" --name "$lab_name" up "${options[@]}" 2>/dev/null &
    pid=$!
    sleep "$1" # the tested time
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    lab down
    expect_as_before "cut short after $1 s"
}

photograph_run before
lab down
good "down without a lab is a no-op"

# A loop device stays read-only after its detach, and the lab gets it next.
truncate -s 1M "$scratch/earlier"
device=$(losetup --find --show "$scratch/earlier")
blockdev --setro "$device"
losetup --detach "$device"
lab up "${options[@]}"
# shellcheck disable=SC2016 # expanded in the server
lab exec server -- bash -c 'for disk in /dev/loop[0-9]*; do [ "$(blockdev --getro "$disk")" = 0 ] || exit 1; done' ||
    die "a disk of the server is read-only"
lab exec server -- test -b "$device" || die "somebody else took $device meanwhile: read-only devices are not tested"
good "disks on a loop device that was read-only can be written"
if lab up "${options[@]}" 2>/dev/null; then die "a lab was made over another"; fi
second_lab up "${options[@]}" --disks 1
lab exec customer -- ping -q -c 1 203.0.113.10 >/dev/null
second_lab exec customer -- ping -q -c 1 2001:db8:113::10 >/dev/null
[ "$(lab exec server -- ls /dev | grep -c '^loop[0-9]')" = 2 ] || die "the server has other disks than its own"
second_lab down
lab exec customer -- ping -q -c 1 203.0.113.10 >/dev/null
good "two labs side by side; one ends, the other still runs"

# A process in the server's network, started from outside and not below its init, is ended too.
read -r init _ <"/run/rescue-lab/$lab_name/server/init"
setsid --fork nsenter --target "$init" --net -- sleep 1000
lab down
lab down
expect_as_before "up and down"

for seconds in 0.2 0.6 1.2; do cut_short "$seconds"; done
