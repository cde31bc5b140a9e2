# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Makes a disk that prints one line on console and serial port when firmware boots it: a boot loader for each firmware,
# and no system. Mounts nothing.

readonly gptmbr=/usr/lib/SYSLINUX/gptmbr.bin
readonly systemd_boot=/usr/lib/systemd/boot/efi/systemd-bootx64.efi

# make_boot_disk FILE LINE
make_boot_disk() {
    local disk=$1 line=$2 folder start=2048 sectors=32768
    folder=$(mktemp -d "${TMPDIR:-/var/tmp}/boot-disk.XXXXXX")
    truncate --size=$((sectors * 512)) "$folder/esp"
    # -h: SYSLINUX's boot sector adds it to find its own sectors.
    mkfs.vfat -F 16 -h "$start" "$folder/esp" >/dev/null
    printf 'SAY %s\nPROMPT 1\nTIMEOUT 0\n' "$line" >"$folder/syslinux.cfg"
    printf 'timeout menu-force\n' >"$folder/loader.conf"
    # The menu shows only entries whose file exists and is not the menu itself.
    printf 'title %s\nefi /line.efi\n' "$line" >"$folder/line.conf"
    mmd -i "$folder/esp" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
    mcopy -i "$folder/esp" "$systemd_boot" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$folder/esp" "$systemd_boot" ::/line.efi
    mcopy -i "$folder/esp" "$folder/syslinux.cfg" ::/syslinux.cfg
    mcopy -i "$folder/esp" "$folder/loader.conf" ::/loader/loader.conf
    mcopy -i "$folder/esp" "$folder/line.conf" ::/loader/entries/line.conf
    syslinux --install "$folder/esp"
    truncate --size=$(((start + sectors + 2048) * 512)) "$disk"
    sgdisk --clear --new="1:$start:+$sectors" --typecode=1:ef00 --attributes=1:set:2 "$disk" >/dev/null
    # The boot code ends before the partition table of the protective MBR.
    dd if="$gptmbr" of="$disk" bs=440 count=1 conv=notrunc status=none
    dd if="$folder/esp" of="$disk" bs=512 seek="$start" conv=notrunc status=none
    rm -rf "$folder"
}
