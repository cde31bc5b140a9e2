# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Shared by tests of whole sessions: the test's own lab, queries, and checks that nothing is left in it.
# RESCUE_BUILD, RESCUE_IMAGE and RESCUE_IMAGE_KEY name the tested files; tests/run sets them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$root/deploy/lab/lib/output.sh"

readonly build=${RESCUE_BUILD:-$root/build/dev}
readonly image=${RESCUE_IMAGE:-$root/build/standin/uefi}
readonly image_key=${RESCUE_IMAGE_KEY:-$root/build/standin/key.pub}
readonly server=web-01
# Contains the name of the test run, if any, which marks the lab's leftovers as the run's.
lab_name=test-$(basename "$0" .sh)-$$${RESCUE_RUN:+-${RESCUE_RUN##*/}}
readonly lab_name
scratch=$(mktemp -d "${TMPDIR:-/tmp}/rescue-e2e-XXXXXX")
readonly scratch

die() { fail 1 "$@"; }
lab() { "$root/deploy/lab/host-lab" --name "$lab_name" "$@"; }

end_of_test() {
    local code=$?
    trap - EXIT
    if [ "$code" != 0 ]; then lab exec server -- tail -n 40 /run/lab/log/rescued.log 2>/dev/null | indent || true; fi
    lab down || code=1
    rm -rf "$scratch"
    exit "$code"
}

lab_up_for_test() {
    trap end_of_test EXIT
    lab up --build "$build" --image "$image" --public-key "$image_key" "$@"
}

status() { lab exec server -- rescuectl status --json | jq -r "$1"; }
phase_is() { [ "$(status .phase)" = "$1" ] && [ "$(status .busy)" = false ]; }
step_is() { [ "$(status ".steps[] | select(.name == \"$1\") | .state")" = "$2" ]; }
rescued_answers() { lab exec server -- rescuectl status --json >/dev/null 2>&1; }
guest_runs() { lab exec server -- virsh --quiet domstate "rescue-$server" 2>/dev/null | grep -q running; }
boot_mode() { lab exec datacentre -- netbootctl --json boot-mode show "$server" | jq -r .mode; }

# Succeeds if the first disk can't be mounted, since it is held exclusively.
mounted_disk_is_busy() {
    lab exec server -- bash -c '
        disk=$(sed -n "s/^  only: \[\([^],]*\).*/\1/p" /etc/rescue/rescued.yaml)
        mkdir -p /run/try && mount -o ro "$disk" /run/try 2>/run/try.err && { umount /run/try; exit 1; }
        grep -qi busy /run/try.err || grep -qi "already mounted" /run/try.err'
}

# Runs a command in the guest, with the credentials of the last session or rotation.
as_customer() {
    lab exec server -- cat /run/credentials.json >"$scratch/credentials"
    jq -r .password "$scratch/credentials" | lab exec customer -- sshpass -d 0 ssh -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PubkeyAuthentication=no \
        "Administrator@$(jq -r .address "$scratch/credentials")" "$@"
}
customer_logs_in() { [ "$(as_customer whoami)" = Administrator ]; }

# Restarts rescued with the lab's settings and these, "section.key=value".
restart_rescued() {
    if lab exec server -- /run/library/daemon running rescued; then lab daemon stop rescued; fi
    lab configure "$@"
    lab daemon start rescued
}

network_of_server() {
    lab exec server -- bash -c '
        ip -j -details addr | jq -S "map(del(.ifindex, .link_index) | .addr_info |= map(del(.valid_life_time, .preferred_life_time)))"
        ip -j route show table all | jq -S . ; ip -j -6 route show table all | jq -S "map(del(.expires))"
        ip -j neigh show nud permanent; nft list ruleset; ls /run/netns 2>/dev/null
        sysctl -a 2>/dev/null | grep -E "arp_ignore|rp_filter|ip_local_|disable_ipv6" | sort'
}
addresses_are_settled() { ! lab exec server -- ip addr | grep -q tentative; }
remember_network() {
    wait_until 20 "the server's addresses to be settled" addresses_are_settled
    network_of_server >"$scratch/network"
}

# Checks the end of any session: nothing runs, nothing is held, the network is unchanged, the disk boots.
expect_nothing_left() {
    local left
    left=$(lab exec server -- bash -c 'ps -eo comm= | grep -E "^(qemu|rescue-hold|swtpm|dnsmasq)" || true; ls /run/rescue/guest/*.qcow2 2>/dev/null || true')
    [ -z "$left" ] || die "left in the server: $left"
    network_of_server >"$scratch/network-now"
    diff "$scratch/network" "$scratch/network-now" >&2 || die "the server's network is not as before"
    [ "$(boot_mode)" = disk ] || die "the boot mode is $(boot_mode), not disk"
    if mounted_disk_is_busy; then die "the disks are still held"; fi
}
