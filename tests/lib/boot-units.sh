# shellcheck shell=bash disable=SC2154 # variables are shared with packages
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Boots the Debian in $clean_root under QEMU, as an initramfs with systemd as its init: the units run unchanged, with all
# their hardening. Writes nothing to $clean_root; a second archive has the files of the test.

# Unpacks Debian's own kernel into $work. The test needs none of its modules.
fetch_kernel() {
    local package
    package=$(apt-cache depends --important linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
    mkdir -p "$cache/kernel"
    (cd "$cache/kernel" && apt-get download --quiet=1 -o APT::Sandbox::User=root "$package") || return 1
    dpkg-deb --fsys-tarfile "$cache"/kernel/"$package"_*.deb | tar --extract --directory="$work" --wildcards './boot/vmlinuz-*'
}

# Leaves out files that the units do not need, to save memory.
archive_root() {
    (cd "$clean_root" && find . -xdev \( -path './usr/share/doc' -o -path './usr/share/man' -o -path './usr/share/locale' \
        -o -path './usr/share/icons' -o -path './usr/share/fonts' -o -path './usr/share/qemu' -o -path './usr/share/OVMF' \
        -o -path './usr/lib/x86_64-linux-gnu/libLLVM*' -o -path './usr/lib/x86_64-linux-gnu/dri' \
        -o -path './var/cache' -o -path './usr/bin/qemu-*' -o -path './proc/*' -o -path './sys/*' -o -path './dev/*' \
        -o -path './packages/*' \) -prune -o -print0 | cpio --null --create --format=newc --quiet) >"$work/root.cpio"
}

archive_test() {
    local folder=$work/overlay unit=etc/systemd/system
    mkdir -p "$folder/$unit/multi-user.target.wants" "$folder/usr/local/sbin"
    cp "$root/tests/lib/units-in-guest" "$folder/usr/local/sbin/"
    cat >"$folder/$unit/units-in-guest.service" <<'UNIT'
[Unit]
Description=Look at the units of the rescue
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/units-in-guest
StandardOutput=file:/dev/ttyS0
StandardError=inherit
SuccessAction=poweroff-force
FailureAction=poweroff-force
TimeoutStartSec=8min
UNIT
    ln -s ../units-in-guest.service "$folder/$unit/multi-user.target.wants/"
    (cd "$folder" && find . -print0 | cpio --null --create --format=newc --quiet --owner=0:0) >"$work/overlay.cpio"
}

has_ended() { grep -q '^units: done' "$1" || ! kill -0 "$2" 2>/dev/null; }

# boot_units CONSOLE: writes the test's lines to the file. Succeeds if the test ran to its end.
boot_units() {
    local console=$1 machine in_time=0
    fetch_kernel && archive_root && archive_test || return 1
    cat "$work/root.cpio" "$work/overlay.cpio" >"$work/initrd"
    qemu-system-x86_64 -machine q35 -accel tcg -cpu max -smp 2 -m 4096 -nodefaults -display none \
        -serial "file:$console" -monitor none -no-reboot -kernel "$work"/boot/vmlinuz-* -initrd "$work/initrd" \
        -object rng-random,id=rng,filename=/dev/urandom -device virtio-rng-pci,rng=rng \
        -append 'console=ttyS0 rdinit=/lib/systemd/systemd rootfstype=ramfs quiet systemd.show_status=no panic=-1' &
    machine=$!
    wait_until 600 "the units' test in the guest to end" has_ended "$console" "$machine" || in_time=1
    # Nothing in the guest needs a shutdown.
    kill -KILL "$machine" 2>/dev/null || true
    wait "$machine" 2>/dev/null || true
    [ "$in_time" = 0 ] && grep -q '^units: done' "$console"
}
