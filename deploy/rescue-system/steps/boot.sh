# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Makes kernel, squashfs, and the initrd, which holds the digest of the squashfs.

# One timestamp for all files, so that the same inputs give the same bytes.
build_epoch() { git -C "$source_root" log -1 --format=%ct -- deploy/rescue-system 2>/dev/null || echo 1767225600; }

take_kernel() {
    kernel_release=$(basename "$work"/root/lib/modules/*)
    install -m 644 "$work/root/boot/vmlinuz-$kernel_release" "$staging/vmlinuz"
    # The initrd is made of the root, before its scripts are trimmed away, and without the digest.
    say "making the initrd of $kernel_release"
    local etc=$work/root/etc/initramfs-tools
    rm -rf "$etc"
    cp -a --no-preserve=ownership "$here/initramfs" "$etc"
    # Include the microcode of every processor, not only of this machine's.
    [ "$microcode" = no ] || printf 'IUCODE_TOOL_INITRAMFS=early\nIUCODE_TOOL_SCANCPUS=no\n' \
        >"$work/root/etc/default/intel-microcode"
    SOURCE_DATE_EPOCH=$(build_epoch) in_root \
        mkinitramfs -o /initrd.base "$kernel_release" >"$work/mkinitramfs.log" 2>&1 || {
        tail -n 20 "$work/mkinitramfs.log" >&2
        fail 1 "mkinitramfs failed"
    }
    check_initrd
    mv "$work/root/initrd.base" "$work/initrd.base"
    # A running rescue system makes no initrd.
    rm -rf "$etc" "$work/root/usr/share/initramfs-tools"
}

# Check that the initrd assembles and activates nothing, whatever packages bring.
check_initrd() {
    local listing found
    listing=$(in_root lsinitramfs /initrd.base) || fail 1 "the initrd cannot be read"
    found=$(grep -E '(^|/)(mdadm|lvm|dmraid|multipath|bcache-register|kpartx|btrfs|cryptsetup)$' <<<"$listing" || true)
    [ -z "$found" ] || fail 1 "the initrd has programs that assemble or activate disks: $found"
}

make_squashfs() {
    say "making the squashfs (zstd $compression)"
    local epoch
    epoch=$(build_epoch)
    mksquashfs "$work/root" "$staging/filesystem.squashfs" -noappend -no-progress -quiet -comp zstd \
        -Xcompression-level "$compression" -no-exports -mkfs-time "$epoch" -all-time "$epoch" \
        >"$work/mksquashfs.log" 2>&1 || {
        tail -n 20 "$work/mksquashfs.log" >&2
        fail 1 "mksquashfs failed"
    }
    squashfs_digest=$(sha256sum <"$staging/filesystem.squashfs" | cut -d ' ' -f 1)
}

# The digest is an archive of its own behind mkinitramfs' (microcode, then the rest), as a boot loader adds another.
make_initrd() {
    local tree=$work/digest
    mkdir -p "$tree/etc/rescue"
    printf 'sha256 %s\nsize %s\n' "$squashfs_digest" "$(stat -c %s "$staging/filesystem.squashfs")" \
        >"$tree/etc/rescue/squashfs"
    find "$tree" -exec touch --no-dereference --date="@$(build_epoch)" {} +
    cp "$work/initrd.base" "$staging/initrd.img"
    # Each archive begins at a multiple of four.
    truncate -s %4 "$staging/initrd.img"
    (cd "$tree" && find etc | sort | cpio --quiet --reproducible --create --format=newc --owner=0:0) \
        >>"$staging/initrd.img"
}

# The name of a medium with this very squashfs; short enough for FAT.
medium_label() {
    local hex=${squashfs_digest:0:8}
    echo "RSC${hex^^}"
}
