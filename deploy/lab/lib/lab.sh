# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# A lab as a whole: up, down, status. Uses $state, its directory, and the caller's options:
# $build, $image, $public_key, $disks, $disk_size, $dhcp, $firmware, $settings, $with_rescued, $rescue_system.

lab_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly lab_folder
# shellcheck source=output.sh
source "$lab_folder/output.sh"
# shellcheck source=addresses.sh
source "$lab_folder/addresses.sh"
# shellcheck source=machines.sh
source "$lab_folder/machines.sh"
# shellcheck source=network.sh
source "$lab_folder/network.sh"
# shellcheck source=disks.sh
source "$lab_folder/disks.sh"
# shellcheck source=services.sh
source "$lab_folder/services.sh"
# shellcheck source=netboot-services.sh
source "$lab_folder/netboot-services.sh"
# shellcheck source=bare-metal.sh
source "$lab_folder/bare-metal.sh"

one_of() {
    local value=$1 what=$2 allowed
    shift 2
    for allowed in "$@"; do [ "$value" != "$allowed" ] || return 0; done
    fail 2 "$what is one of: $*; not '$value'"
}

check_up() {
    local machine
    for machine in "${machine_names[@]}"; do
        if machine_is_up "$machine"; then
            fail 3 "the lab in $state is up already" "deploy/lab/host-lab --state $state down"
        fi
    done
    [ -x "$build/bin/netbootd" ] || fail 3 "no programs in $build" "cmake --preset dev && cmake --build --preset dev"
    [ -z "$image" ] || [ -r "$image/manifest.json" ] ||
        fail 3 "no image in $image" "images/standin/build --output $image --key KEY"
    [ -z "$public_key" ] || [ -r "$public_key" ] || fail 3 "cannot read the key $public_key"
}

# lab_up KIND: host_lab, or datacentre, which has no server yet.
lab_up() {
    check_up
    lab_down '' # remains of a lab that ended badly
    mkdir -p "$state"
    chmod 700 "$state"
    trap 'lab_up_failed' EXIT
    build=$(realpath "$build")
    "make_$1"
    trap - EXIT
    say "the lab is up: $state"
}

lab_up_failed() {
    local code=$?
    trap - EXIT ERR
    complain "the lab could not be started"
    show_logs
    lab_down '' || true
    exit "$code"
}

make_host_lab() {
    local server_sources=(build "$build")
    [ -z "$image" ] || server_sources+=(image "$(realpath "$image")")
    say "$disks disks"
    make_disks "$disks" "$disk_size"
    say "machines"
    start_machine datacentre datacentre other build "$build"
    start_machine customer customer other build "$build"
    start_machine server "$server_name" server "${server_sources[@]}"
    say "network"
    make_network
    plug_server
    configure_server
    say "datacentre: dnsmasq, netbootd"
    start_dnsmasq "$dhcp"
    prepare_netbootd "$firmware" >"$state/datacentre/log/netbootctl.log"
    say "server: libvirt"
    libvirt_configuration
    start_libvirt
    write_rescued_configuration "$dhcp" "${settings[@]}"
    [ -z "$public_key" ] || in_machine server install -m 644 /dev/stdin /etc/rescue/image.pub <"$public_key"
    wait_until 20 "the server's addresses to be settled" addresses_are_settled
    [ "$with_rescued" = yes ] || return 0
    say "server: rescued"
    start_rescued
}

make_datacentre() {
    say "machines"
    start_machine datacentre datacentre other build "$build" rescue-system "$(realpath "$rescue_system")" \
        image "$(realpath "$image")"
    start_machine customer customer other build "$build"
    say "network"
    make_network
    say "datacentre: dnsmasq, nginx, mail, netbootd"
    start_pxe
    start_files
    start_mail
    configure_netbootd >"$state/datacentre/log/netbootctl.log"
}

all_logs() {
    printf '%s\n' "$state"/*/log/*.log "$state"/server/log/libvirt/qemu/*.log "$state"/datacentre/servers/*/console.log
}

# Prints the end of each log, for a person who sees a failure.
show_logs() {
    local log
    for log in $(all_logs); do
        [ -s "$log" ] || continue
        printf '%s--- %s%s\n' "$bold" "${log#"$state/"}" "$plain" >&2
        tail -n 15 "$log" | indent
    done
}

copy_logs() {
    local log target
    for log in $(all_logs); do
        [ -e "$log" ] || continue
        target=$1/${log#"$state/"}
        mkdir -p "$(dirname "$target")"
        cp "$log" "$target"
    done
}

# Ends all parts of the lab that exist. Fails if one can't be ended. No-op without a lab.
lab_down() {
    local logs=$1 machine left=0
    [ -d "$state" ] || return 0
    for machine in server customer datacentre; do end_machine "$machine" || left=1; done
    detach_disks || left=1
    [ -z "$logs" ] || copy_logs "$logs"
    [ "$left" = 0 ] || return 1
    # A folder that the run keeps in place (leftovers.sh) is a mount point: only its content is removed.
    rm -rf --one-file-system "$state" 2>/dev/null || mountpoint --quiet "$state" || return 1
    rmdir --ignore-fail-on-non-empty "$(dirname "$state")" 2>/dev/null || true
}

lab_daemon() {
    local action=${1:-} daemon=${2:-}
    one_of "$action" "daemon" start stop kill
    case $action-$daemon in
        start-rescued) start_rescued ;;
        start-libvirtd) start_daemon server libvirtd libvirtd && wait_until 30 "libvirtd to answer" libvirt_answers ;;
        start-virtlogd) start_daemon server virtlogd virtlogd ;;
        start-netbootd) start_netbootd ;;
        start-dnsmasq) start_daemon datacentre dnsmasq dnsmasq --keep-in-foreground --log-facility=- --conf-file=/run/lab/dnsmasq.conf ;;
        *-rescued | *-libvirtd | *-virtlogd) end_daemon server "$daemon" "$action" ;;
        *-netbootd | *-dnsmasq) end_daemon datacentre "$daemon" "$action" ;;
        *) fail 2 "no such daemon: '$daemon' (see --help)" ;;
    esac
}

end_daemon() {
    local signal=TERM
    [ "$3" != kill ] || signal=KILL
    stop_daemon "$1" "$2" "$signal"
}

lab_status() {
    local machine
    [ -d "$state" ] || fail 1 "there is no lab in $state"
    for machine in "${machine_names[@]}"; do
        if ! machine_is_up "$machine"; then
            printf '%-11s down\n' "$machine"
            continue
        fi
        printf '%-11s up, %s processes\n' "$machine" "$(in_machine "$machine" bash -c 'ls -d /proc/[0-9]* | wc -l')"
    done
    printf 'disks       %s\n' "$(disk_devices | paste -s -d ' ' -)"
}
