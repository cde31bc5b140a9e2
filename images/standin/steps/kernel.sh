# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Debian's kernel, without its package's scripts: the parts are taken out of the
# package, and the initrd is our own, a tenth of the size of Debian's.
#
# linux-image-amd64 and not the cloud kernel, which has no AHCI.

# Runs beside mmdebstrap.
fetch_kernel() {
    mkdir "$work/kernel"
    cd "$work/kernel" || return
    apt-get download -qq -o APT::Sandbox::User=root "$kernel_package"
    local patterns
    mapfile -t patterns < <(list_entries "$here/modules.list" | sed 's,^,./lib/modules/*/kernel/,')
    dpkg-deb --fsys-tarfile ./*.deb |
        tar -x --wildcards './boot/vmlinuz-*' './lib/modules/*/modules.builtin*' \
            './lib/modules/*/modules.order' "${patterns[@]}"
    rm -f ./*.deb
}

install_kernel() {
    say "installing $kernel_package"
    kernel_release=$(basename "$work"/kernel/lib/modules/*)
    mkdir -p "$work/root/lib/modules"
    mv "$work/kernel/lib/modules/$kernel_release" "$work/root/lib/modules/"
    # depmod names each listed module that is not there; it is left out on purpose.
    chroot "$work/root" depmod -a "$kernel_release" 2>/dev/null
}

# The files of a module and of what it depends on, dependencies first.
module_with_dependencies() {
    local line
    line=$(grep "/$1\.ko:" "$work/root/lib/modules/$kernel_release/modules.dep") ||
        fail 1 "the kernel has no module $1"
    # "a.ko: b.ko c.ko": modules.dep lists the nearest dependency first.
    tr ' ' '\n' <<<"${line/:/}" | sed '/^$/d' | tac
}

# Copies what a list of this folder names, with dependencies, and writes the order.
add_modules() {
    local module path
    while read -r module; do
        module_with_dependencies "${module//[_-]/[_-]}"
    done < <(list_entries "$here/initrd/$1") | awk '!seen[$0]++' |
        while read -r path; do
            cp "$work/root/lib/modules/$kernel_release/$path" "$work/initrd/modules/"
            basename "$path"
        done >"$work/initrd/modules/$2"
}

make_initrd() {
    say "making the initrd"
    local tree=$work/initrd
    mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
    cp "$work/root/bin/busybox" "$tree/bin/"
    local applet
    for applet in sh mount insmod ls sort grep usleep sleep switch_root; do
        ln -s busybox "$tree/bin/$applet"
    done
    install -m 755 "$here/initrd/init" "$tree/init"
    add_modules modules.list order
    add_modules modules-beside.list order-beside
    (cd "$tree" && find . | sort | "$work/root/bin/busybox" cpio -o -H newc 2>/dev/null) |
        zstd -q -10 >"$work/initrd.img"
}
