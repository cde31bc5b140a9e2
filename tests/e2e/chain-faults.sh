#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Faults while a server netboots: power, netbootd, the rescue system, the image server. No rescue VM is started. After
# each fault the server boots its own disk, and nothing waits without a limit.
set -euo pipefail
# shellcheck source=lib-chain.sh
source "$(dirname "$0")/lib-chain.sh"

# shellcheck disable=SC2154 # the lab's
readonly bmc_name=$bmc_user
export dead_man=60s  # a busy machine needs up to half of it for a second boot
datacentre_up
deliver_server bios 1 6144

start_rescue() { panel rescue start "$server" --power cycle --reason "$1" "${@:2}" >/dev/null; }
end_rescue() {
    panel rescue finish "$server" --then stay >/dev/null 2>&1 || true
    panel boot-mode set "$server" disk --force >/dev/null
}

fails_with_wrong_bmc_password() {
    local code=0
    (umask 077 && echo wrong >"$state/datacentre/wrong-password")
    panel server bmc "$server" --bmc-address "$(bmc_address "$server")" --bmc-user "$bmc_name" \
        --bmc-password-file /run/lab/wrong-password --bmc-cipher-suite 3 >/dev/null
    panel rescue start "$server" --reason 'wrong password' --wait >"$state/refused" 2>&1 || code=$?
    [ "$code" != 0 ] || die "a BMC with a wrong password took the request"
    boot_mode_is disk || die "the boot mode was changed by a request that failed"
    grep --quiet --ignore-case 'bmc' "$state/refused" || die "the message does not name the BMC: $(cat "$state/refused")"
    panel server bmc "$server" --bmc-address "$(bmc_address "$server")" --bmc-user "$bmc_name" \
        --bmc-password-file "/run/lab/servers/$server/bmc-password" --bmc-cipher-suite 3 >/dev/null
    good "a BMC with a wrong password: a clear message, the boot mode untouched"
}

boots_disk_while_netbootd_is_away() {
    local mark
    stop_daemon datacentre netbootd
    mark=$(console_mark "$server")
    power_cut
    expect_own_system "$mark"
    start_netbootd
    good "netbootd away while the server boots: its own disk"
}

boots_disk_after_power_cut_with_once() {
    local mark
    mark=$(console_mark "$server")
    start_rescue 'once' --policy once
    wait_until 300 "the rescue system to be booted" rescue_system_boots "$mark"
    mark=$(console_mark "$server")
    power_cut
    expect_own_system "$mark"
    end_rescue
    good "power cut, policy once: the next boot is the disk's"
}

enters_rescue_again_and_dead_man_ends_it() {
    local mark
    mark=$(console_mark "$server")
    start_rescue 'until finished' --policy until-finished
    wait_until 300 "the rescue system to be booted" rescue_system_boots "$mark"
    mark=$(console_mark "$server")
    power_cut
    wait_until 300 "the rescue system to be booted again" rescue_system_boots "$mark"
    boots_are 2 || die "the second boot was not counted"
    good "power cut, policy until-finished: the rescue system again"
    # The rescue system dies before its first report.
    bmc "$server" power off >/dev/null
    wait_until 300 "the dead man to end the lease" lease_is unheard
    boot_mode_is disk || die "the lease is unheard, and the boot mode is not disk"
    mark=$(console_mark "$server")
    bmc "$server" power on >/dev/null
    expect_own_system "$mark"
    end_rescue
    good "rescue system that dies early: the dead man gives the disk back"
}

fails_while_images_are_away() {
    local code=0
    # Time enough for the rescue system to start.
    export dead_man=10m
    stop_daemon datacentre netbootd
    chain_netbootd_configuration >"$state/datacentre/netbootd.yaml"
    start_netbootd
    mv "$state/datacentre/nginx.conf" "$state/datacentre/nginx.conf.whole"
    sed '/location \/image/d' "$state/datacentre/nginx.conf.whole" >"$state/datacentre/nginx.conf"
    stop_daemon datacentre nginx
    start_daemon datacentre nginx nginx -c /run/lab/nginx.conf -e stderr
    panel rescue start "$server" --reason 'no image' --wait >"$state/refused" 2>&1 || code=$?
    [ "$code" != 0 ] || die "a rescue without an image was announced"
    grep --quiet --ignore-case 'image' "$state/refused" || die "the message does not name the image: $(cat "$state/refused")"
    boot_mode_is disk || die "the boot mode was not given back"
    indent <"$state/refused"
    good "image server away: a clear failure, the boot mode is disk"
}

fails_with_wrong_bmc_password
boots_disk_while_netbootd_is_away
boots_disk_after_power_cut_with_once
enters_rescue_again_and_dead_man_ends_it
fails_while_images_are_away
