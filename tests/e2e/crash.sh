#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# rescued is killed (kill -9) in the lab's server, with every real adapter, before and after it writes its journal. The
# next rescued adopts the running VM or undoes everything. tests/crash has all these points, with fakes.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

# launch_killable POINT: starts a rescued that dies at "<step>:<state>:<before|after>" the journal's write; "": never.
launch_killable() {
    lab exec server -- /run/library/daemon start rescued \
        env "RESCUED_KILL=$1" rescued-killable --config /etc/rescue/rescued.yaml
}

# start_killable POINT: returns when it answers. Its point must not come before that.
start_killable() {
    launch_killable "$1"
    wait_until 30 "rescued to answer" rescued_answers
}

rescued_is_gone() { ! lab exec server -- /run/library/daemon running rescued; }

# Runs rescuectl ARGUMENT... against a rescued that dies in it.
dies_in() {
    lab exec server -- rescuectl "$@" >"$scratch/out" 2>"$scratch/err" && true
    wait_until 90 "rescued to die in rescuectl $1" rescued_is_gone
}

libvirt_is_back() { lab exec server -- rescuectl logs | grep -q "connection to libvirt is back"; }

expect_undone() {
    wait_until 60 "the session to be undone" phase_is failed
    [ "$(status '.failure.code')" = interrupted ] || die "failed for another reason: $(status .failure)"
    expect_nothing_left
    good "$1: undone"
}

# dies_at POINT: starts a rescued that resumes the session and dies at POINT, perhaps before it answers.
dies_at() {
    launch_killable "$1"
    wait_until 60 "rescued to die at $1" rescued_is_gone
}

# Kills rescued before the VM runs: the next rescued undoes all.
undone_after() {
    lab exec datacentre -- netbootctl boot-mode set "$server" rescue-windows --reason crash >/dev/null
    start_killable "$1"
    dies_in start
    lab exec server -- /run/library/daemon start rescued rescued --config /etc/rescue/rescued.yaml
    wait_until 30 "rescued to answer" rescued_answers
    expect_undone "killed at $1"
    lab daemon stop rescued
}

lab_up_for_test --no-rescued
remember_network

undone_after claim-disks:begun:after
undone_after claim-disks:done:before
undone_after take-network:begun:after
undone_after take-network:done:before
undone_after start-guest:begun:after

# A file on the server's first disk, from inside the guest.
customer_writes() {
    as_customer "set -e
        disk=\$(lsblk --raw --noheadings --output PATH,LABEL | awk '\$2 == \"customer-data\" { print \$1 }')
        sudo mount \"\$disk\" /mnt && echo kept | sudo tee /mnt/kept.txt >/dev/null && sudo umount /mnt"
}
first_disk() { sha256sum <"/run/rescue-lab/$lab_name/disks/disk0.img"; }
file_on_disk() { debugfs -R "cat /kept.txt" "/run/rescue-lab/$lab_name/disks/disk0.img" 2>/dev/null; }

# One session with several kills: adopted twice while it starts, then resumed three times while it ends. Its changes are kept
# apart until the end.
lab exec datacentre -- netbootctl boot-mode set "$server" rescue-windows --reason crash >/dev/null
disk_before=$(first_disk)
start_killable start-guest:done:before
dies_in start --disk-mode overlay
mounted_disk_is_busy || die "rescued is dead, and the disk can be mounted"
good "killed at start-guest:done:before: the VM runs on, the disks are held"

start_killable provision-guest:done:before
wait_until 240 "rescued to die in provision-guest" rescued_is_gone
guest_runs || die "the VM has gone with rescued"
start_killable stop-guest:done:before
wait_until 120 "the session to be adopted and to serve" phase_is serving
[ "$(status .resumes)" = 2 ] || die "resumed $(status .resumes) times, not twice"
good "killed at provision-guest:done:before: adopted, new credentials proven, serving"
lab exec server -- rescuectl credentials rotate --credentials-file /run/credentials.json
customer_logs_in || die "the customer can't log in after the adoption"

lab daemon kill rescued
mounted_disk_is_busy || die "rescued was killed while serving, and the disk can be mounted"
start_killable stop-guest:done:before
wait_until 30 "the session to be adopted" phase_is serving
customer_logs_in || die "the credentials no longer work after rescued was restarted"
good "killed while serving: adopted, the same credentials work"

lab daemon stop libvirtd
phase_is serving || die "the session no longer serves without libvirtd"
customer_logs_in || die "the guest does not run on without libvirtd"
lab daemon start libvirtd
wait_until 30 "rescued to be connected again" libvirt_is_back
lab exec server -- rescuectl credentials rotate --credentials-file /run/credentials.json
customer_logs_in || die "the rotated credentials do not work after libvirtd was restarted"
good "libvirtd restarted while serving: the guest ran on, credentials can be rotated"

customer_writes
[ "$(first_disk)" = "$disk_before" ] || die "the disk was written before the end"
dies_in finish --then stay
dies_at settle-disks:done:before
dies_at release-network:done:before
lab exec server -- /run/library/daemon start rescued rescued --config /etc/rescue/rescued.yaml
wait_until 60 "the session to be finished" phase_is finished
expect_nothing_left
[ "$(file_on_disk)" = kept ] || die "the customer's file is not on the disk: '$(file_on_disk)'"
good "killed three times on the way out: finished, and the changes are on the disk"
