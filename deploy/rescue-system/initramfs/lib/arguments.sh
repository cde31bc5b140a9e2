# shellcheck shell=dash disable=SC2034 # read by the other files
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Parses the kernel's command line. It holds no secrets: they come in /rescue-boot, from an initrd made for this boot.

# BusyBox' shell prefers its own programs of these names, whatever the path.
ip() { /lib/rescue/bin/ip "$@"; }
blkid() { /lib/rescue/bin/blkid "$@"; }
losetup() { /lib/rescue/bin/losetup "$@"; }
sha256sum() { /lib/rescue/bin/sha256sum "$@"; }
curl() { /lib/rescue/bin/curl "$@"; }

# Prints one line on every console, and in the kernel's log with its time.
announce() { echo "<5>rescue: $*" >/dev/kmsg; }

read_arguments() {
    squashfs_url='' medium='' mac='' bootif='' static='' overlay_size=50% ask_seconds=300 dhcp_rounds=3 fetch_attempts=15
    local argument
    # shellcheck disable=SC2013 # words, not lines
    for argument in $(cat /proc/cmdline); do
        case $argument in
            rescue.squashfs=*) squashfs_url=${argument#*=} ;;
            rescue.medium=*) medium=${argument#*=} ;;
            rescue.mac=*) mac=$(echo "${argument#*=}" | tr 'A-F-' 'a-f:') ;;
            rescue.ip=*) static=${argument#*=} ;;
            rescue.overlay=*) overlay_size=${argument#*=} ;;
            rescue.ask=*) ask_seconds=${argument#*=} ;;
            rescue.dhcp_rounds=*) dhcp_rounds=${argument#*=} ;;
            rescue.fetch_attempts=*) fetch_attempts=${argument#*=} ;;
            # PXELINUX puts the hardware type before the address.
            BOOTIF=*) bootif=$(echo "${argument#*=}" | sed 's/^01-//' | tr 'A-F-' 'a-f:') ;;
        esac
    done
}

# wait_for SECONDS COMMAND...: polls, for conditions without an event.
wait_for() {
    local polls=$(($1 * 5))
    shift
    until "$@"; do
        [ "$polls" -gt 0 ] || return 1
        polls=$((polls - 1))
        sleep 0.2
    done
}
