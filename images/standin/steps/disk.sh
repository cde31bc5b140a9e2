# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The disk, made without mounting anything: a GPT with one FAT partition, from which
# SYSLINUX (BIOS) and systemd-boot (UEFI) start the same kernel, and the root.

readonly gptmbr=/usr/lib/SYSLINUX/gptmbr.bin
readonly systemd_boot=/usr/lib/systemd/boot/efi/systemd-bootx64.efi

readonly esp_start=2048    # sectors of 512 bytes
readonly esp_sectors=49152 # 24 MiB
readonly root_start=$((esp_start + esp_sectors))
readonly root_sectors=$((1536 * 2048))
readonly disk_sectors=$((root_start + root_sectors + 2048))

kernel_command_line() {
    # The label is this build's own, so that no other disk's partition can match.
    echo "standin.root=$root_label console=tty0 console=ttyS0,115200 panic=30 reboot=acpi" \
        "loglevel=6 net.ifnames=0 mitigations=off apparmor=0 audit=0"
}

make_esp() {
    local esp=$work/esp.img line
    line=$(kernel_command_line)
    truncate -s $((esp_sectors * 512)) "$esp"
    # -h: SYSLINUX's boot sector adds it to find its own sectors.
    mkfs.vfat -F 16 -n STANDIN -h "$esp_start" -i "${inputs_digest:0:8}" "$esp" >/dev/null
    printf 'DEFAULT standin\nPROMPT 0\nTIMEOUT 0\nLABEL standin\n  LINUX /vmlinuz\n  INITRD /initrd.img\n  APPEND %s\n' \
        "$line" >"$work/syslinux.cfg"
    printf 'timeout 0\neditor no\ndefault standin.conf\n' >"$work/loader.conf"
    printf 'title stand-in\nlinux /vmlinuz\ninitrd /initrd.img\noptions %s\n' "$line" >"$work/standin.conf"
    mmd -i "$esp" ::/EFI ::/EFI/BOOT ::/loader ::/loader/entries
    mcopy -i "$esp" "$work"/kernel/boot/vmlinuz-* ::/vmlinuz
    mcopy -i "$esp" "$work/initrd.img" ::/initrd.img
    mcopy -i "$esp" "$work/syslinux.cfg" ::/syslinux.cfg
    mcopy -i "$esp" "$systemd_boot" ::/EFI/BOOT/BOOTX64.EFI
    mcopy -i "$esp" "$work/loader.conf" ::/loader/loader.conf
    mcopy -i "$esp" "$work/standin.conf" ::/loader/entries/standin.conf
    syslinux --install "$esp"
}

# Everything is initialised here, so that the guest's kernel has nothing left to
# write to each overlay in the background.
make_root_filesystem() {
    truncate -s $((root_sectors * 512)) "$work/rootfs.img"
    mke2fs -q -t ext4 -d "$work/root" -L standin-root -m 0 -J size=8 \
        -U "$(uuid_of root)" -E lazy_itable_init=0,lazy_journal_init=0,hash_seed="$(uuid_of hash)" \
        "$work/rootfs.img"
}

# A UUID that follows from the inputs.
uuid_of() {
    local hex
    hex=$(printf '%s %s' "$1" "$inputs_digest" | sha256sum)
    echo "${hex:0:8}-${hex:8:4}-4${hex:13:3}-8${hex:17:3}-${hex:20:12}"
}

make_disk() {
    local qcow2=$1 raw=$work/disk.img
    root_label=standin-${inputs_digest:0:12}
    say "making the disk"
    make_esp
    make_root_filesystem
    truncate -s $((disk_sectors * 512)) "$raw"
    sgdisk --clear --disk-guid="$(uuid_of disk)" \
        --new="1:$esp_start:+$esp_sectors" --typecode=1:ef00 --change-name=1:standin-boot \
        --partition-guid="1:$(uuid_of esp-part)" --attributes=1:set:2 \
        --new="2:$root_start:+$root_sectors" --typecode=2:8300 --change-name="2:$root_label" \
        --partition-guid="2:$(uuid_of root-part)" "$raw" >/dev/null 2>&1
    # The boot code ends before the partition table of the protective MBR.
    dd if="$gptmbr" of="$raw" bs=440 count=1 conv=notrunc status=none
    dd if="$work/esp.img" of="$raw" bs=512 seek="$esp_start" conv=notrunc,sparse status=none
    dd if="$work/rootfs.img" of="$raw" bs=64K seek=$((root_start / 128)) conv=notrunc,sparse status=none
    say "compressing the image"
    qemu-img convert -f raw -O qcow2 -c -W -m 4 -o compression_type=zstd "$raw" "$qcow2"
    image_digest=$(sha256sum <"$qcow2" | cut -d ' ' -f 1)
}
