# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Makes an ISO of the same system, for providers without netboot: GRUB for BIOS and UEFI, from CD, USB or virtual media.

check_iso_preconditions() {
    local tool package
    while read -r tool package; do
        command -v "$tool" >/dev/null || fail 3 "$tool is missing: apt-get install $package"
    done <<'TOOLS'
grub-mkrescue grub-common
xorriso xorriso
mformat mtools
TOOLS
    [ -d /usr/lib/grub/i386-pc ] || fail 3 "GRUB for BIOS is missing: apt-get install grub-pc-bin"
    [ -d /usr/lib/grub/x86_64-efi ] || fail 3 "GRUB for UEFI is missing: apt-get install grub-efi-amd64-bin"
}

make_iso() {
    local tree=$work/iso label
    squashfs_digest=$(sed -n 's/ .*filesystem.squashfs$//p' "$output/SHA256SUMS")
    label=$(medium_label)
    say "making the ISO $label"
    mkdir -p "$tree/boot/grub"
    ln "$output"/{vmlinuz,initrd.img,filesystem.squashfs} "$tree/" 2>/dev/null ||
        cp "$output"/{vmlinuz,initrd.img,filesystem.squashfs} "$tree/"
    cat >"$tree/boot/grub/grub.cfg" <<GRUB
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=3
menuentry "Rescue system" {
    linux /vmlinuz rescue.medium=LABEL=$label panic=30 console=tty0 console=ttyS0,115200
    initrd /initrd.img
}
GRUB
    grub-mkrescue --output="$staging/rescue.iso" "$tree" -- -volid "$label" >"$work/iso.log" 2>&1 || {
        tail -n 20 "$work/iso.log" >&2
        fail 1 "grub-mkrescue failed"
    }
    chmod 644 "$staging/rescue.iso"
    # Not a rename: the ISO may go to another file system.
    cp "$staging/rescue.iso" "$iso.new"
    mv -f "$iso.new" "$iso"
}
