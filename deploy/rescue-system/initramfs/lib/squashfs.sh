# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Loads the squashfs into RAM, and mounts it only if it is the one that this initrd was built for.

readonly squashfs=/run/rescue-system/medium/filesystem.squashfs

# Moves the one-time secrets of this boot to where only root can read them; see docs/host-agent.md.
keep_boot_files() {
    local file
    [ -d /rescue-boot ] || return 0
    mkdir -m 700 /run/rescue/boot
    for file in /rescue-boot/*; do
        [ -f "$file" ] || continue
        (umask 077 && cp "$file" /run/rescue/boot/) && chmod 600 "/run/rescue/boot/${file##*/}"
    done
    rm -rf /rescue-boot
}

# Sets `digest` and `size`.
read_expected_squashfs() {
    local key value
    while read -r key value; do
        case $key in
            sha256) digest=$value ;;
            size) size=$value ;;
        esac
    done </etc/rescue/squashfs
    mkdir -p /run/rescue-system/medium
    # Room for the file and what tmpfs needs beside it: a larger file can't fill the memory.
    mount -t tmpfs -o "size=$((size + 4194304)),mode=700,nodev,nosuid,noexec" medium /run/rescue-system/medium
}

# True if the copy is the expected file. Checked after the copy and not in a pipeline with it: on a slow processor a pipe
# costs more than the sum.
is_expected() {
    local seen
    seen=$(sha256sum <"$squashfs" | cut -d ' ' -f 1)
    [ "$seen" != "$digest" ] || return 0
    problem="the squashfs has the SHA-256 $seen, not $digest which this initrd was built for"
    return 1
}

# Tries once. Returns 2 if it got another file.
fetch_once() {
    local authority=/etc/ssl/certs/ca-certificates.crt
    [ ! -s /run/rescue/boot/ca.pem ] || authority=/run/rescue/boot/ca.pem
    rm -f "$squashfs"
    # Abort a stalled connection, but not a slow one.
    curl --fail --silent --show-error --location --proto '=http,https' --proto-redir '=http,https' --cacert "$authority" \
        --connect-timeout 10 --speed-limit 1024 --speed-time 20 --max-filesize "$size" \
        --output "$squashfs" "$squashfs_url" 2>/run/rescue-system/curl.log || {
        problem="cannot fetch $squashfs_url: $(head -n 1 /run/rescue-system/curl.log)"
        return 1
    }
    is_expected || return 2
}

# Prints progress every few seconds, until it is killed.
report_progress() {
    while sleep 5; do
        announce "$(($(stat -c %s "$squashfs" 2>/dev/null || echo 0) / 1048576)) of $((size / 1048576)) MiB"
    done
}

fetch_squashfs() {
    local attempt=1 code progress pause=1
    [ -n "$squashfs_url" ] || { problem="neither rescue.squashfs=URL nor rescue.medium=LABEL=... is on the command line" && return 1; }
    while :; do
        announce "fetching $squashfs_url ($attempt of $fetch_attempts)"
        report_progress &
        progress=$!
        fetch_once
        code=$?
        kill "$progress"
        [ "$code" != 0 ] || return 0
        announce "$problem"
        [ "$attempt" -lt "$fetch_attempts" ] || return 1
        # Another file may be one that is just being replaced: retry, but only a few times.
        [ "$code" != 2 ] || [ "$attempt" -lt 3 ] || return 1
        attempt=$((attempt + 1))
        sleep "$pause"
        [ "$pause" -ge 16 ] || pause=$((pause * 2))
    done
}

# shellcheck disable=SC2317 # called by wait_for
medium_is_there() {
    medium_device=$(blkid -c /dev/null -o device -l -t "$medium")
    [ -n "$medium_device" ]
}

# Copies the squashfs from a medium and unmounts it: a recovery partition is on a disk that the guest gets. Finds the medium
# by its name, read without a mount; mounts only it, without replaying a journal.
copy_from_medium() {
    local type options=ro,nodev,nosuid,noexec mounted=/run/rescue-system/source
    announce "looking for the medium $medium"
    wait_for 60 medium_is_there || { problem="no medium has $medium" && return 1; }
    type=$(blkid -c /dev/null -p -o value -s TYPE "$medium_device")
    case $type in
        iso9660 | vfat) ;;
        ext4) options=$options,noload ;;
        *) problem="$medium_device has the file system '$type'; a medium is iso9660, vfat or ext4" && return 1 ;;
    esac
    modprobe -q "$(echo "$type" | sed s/iso9660/isofs/)" || true
    mkdir -p "$mounted"
    mount -t "$type" -o "$options" "$medium_device" "$mounted" || { problem="cannot mount $medium_device" && return 1; }
    announce "copying filesystem.squashfs from $medium_device"
    problem="cannot copy filesystem.squashfs from $medium_device"
    if [ -f "$mounted/filesystem.squashfs" ]; then
        cp "$mounted/filesystem.squashfs" "$squashfs" && is_expected
    else
        problem="$medium_device has no filesystem.squashfs"
        false
    fi
    set -- $?
    umount "$mounted" && rmdir "$mounted"
    return "$1"
}
