# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The guest's root directory: Debian packages, then this folder's configuration.

# Never unpacked. LLVM, Z3 and ICU are there for Mesa's shader compiler only, which
# a server without a GPU never loads; xorg.conf leaves GLX out.
excluded_paths() {
    cat <<'PATHS'
/usr/share/doc/*
/usr/share/man/*
/usr/share/info/*
/usr/share/locale/*
/usr/share/lintian/*
/usr/share/bug/*
/usr/share/bash-completion/*
/usr/share/zsh/*
/usr/share/icons/*
/usr/share/xrdp/*.bmp
/usr/lib/x86_64-linux-gnu/dri/*
/usr/lib/x86_64-linux-gnu/libLLVM*
/usr/lib/x86_64-linux-gnu/libz3*
/usr/lib/x86_64-linux-gnu/libicu*
/usr/lib/x86_64-linux-gnu/gconv/*
/lib/udev/hwdb.d/*
/usr/lib/udev/hwdb.d/*
PATHS
}

make_root() {
    say "installing ${#packages[@]} packages and what they need"
    local pattern options=()
    while read -r pattern; do
        options+=(--dpkgopt="path-exclude=$pattern")
    done < <(excluded_paths)
    # Namespaces of its own: what mmdebstrap mounts or starts can't outlive it. In the
    # background, since bash runs its traps only between foreground commands.
    unshare --mount --propagation private --pid --fork --mount-proc --kill-child -- \
        mmdebstrap --mode=root --variant=essential --format=directory --quiet \
        --architectures=amd64 --include="$(IFS=, && echo "${packages[*]}")" \
        --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
        --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
        "${apt_network_options[@]}" \
        --dpkgopt=force-unsafe-io "${options[@]}" \
        "$suite" "$work/root" - <<<"$sources" >"$work/mmdebstrap.log" 2>&1 &
    root_job=$!
    wait "$root_job" || {
        tail -n 30 "$work/mmdebstrap.log" >&2
        fail 1 "mmdebstrap failed"
    }
    root_job=''
}

read_apt_network_options() {
    local line
    apt_network_options=()
    while read -r line; do
        apt_network_options+=(--aptopt="${line%;}")
    done < <(list_apt_network_options)
}

configure_root() {
    say "configuring the guest"
    local root=$work/root
    # --remove-destination: some of these stand where a package has a symbolic link.
    cp -a --no-preserve=ownership --remove-destination "$here/rootfs/." "$root/"
    chmod 440 "$root/etc/sudoers.d/administrator"
    make_account
    choose_units
    write_identity
    trim_coldplug
    remove_leftovers
}

# '!' is no password's hash: nobody logs in before the guest agent sets one.
# --badname: useradd's rule for new names is lower case; Windows' name is not.
make_account() {
    chroot "$work/root" useradd --badname --create-home --shell /bin/bash --password '!' \
        --comment 'rescue stand-in' Administrator
    chroot "$work/root" passwd --quiet --lock root
    # The guest agent writes files, and makes no folders.
    chroot "$work/root" install -d -o Administrator -g Administrator -m 700 /home/Administrator/.ssh \
        /home/Administrator/Desktop
}

choose_units() {
    local etc=$work/root/etc/systemd unit generator
    rm -rf "$etc/system"/*.wants "$etc/system"/*.requires "$etc/user"
    while read -r unit; do
        ln -s /dev/null "$etc/system/$unit"
    done < <(list_entries "$here/units.masked")
    mapfile -t enabled < <(list_entries "$here/units.enabled")
    chroot "$work/root" systemctl --quiet enable "${enabled[@]}"
    chroot "$work/root" systemctl --quiet set-default multi-user.target
    # Generators make units from fstab, partition tables, sysv scripts: none applies,
    # and the one for partition tables would mount what it finds.
    mkdir -p "$etc/system-generators"
    for generator in "$work/root"/lib/systemd/system-generators/*; do
        ln -s /dev/null "$etc/system-generators/${generator##*/}"
    done
}

write_identity() {
    local root=$work/root
    echo standin >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 standin\n' >"$root/etc/hosts"
    # Empty, not absent: each overlay gets an id without a "first boot" of systemd.
    : >"$root/etc/machine-id"
    ln -sf /run/resolv.conf "$root/etc/resolv.conf"
    printf 'NAME=rescue-standin\nVERSION=%s\nBASE=debian-%s\n' "$version" "$suite" >"$root/etc/rescue-standin-release"
}

# Rules and temporary files for hardware and services that are not there.
trim_coldplug() {
    local lib=$work/root/usr/lib keep
    keep=$(list_entries "$here/udev-rules.kept")
    find "$lib/udev/rules.d" -name '*.rules' -printf '%f\n' | grep -vxF "$keep" |
        sed "s,^,$lib/udev/rules.d/," | xargs rm -f
    find "$lib/tmpfiles.d" -type f ! -name x11.conf ! -name legacy.conf -delete
}

# Keys that packages made while being installed would be the same in every copy.
remove_leftovers() {
    local root=$work/root
    rm -f "$root"/etc/ssh/ssh_host_* "$root"/etc/xrdp/{cert,key}.pem "$root"/etc/xrdp/rsakeys.ini
    rm -f "$root"/etc/ssl/private/* "$root"/etc/ssl/certs/ssl-cert-snakeoil.pem
    rm -rf "$root"/var/lib/dpkg/info "$root"/var/lib/apt "$root"/var/cache/* "$root"/var/log/* "$root"/tmp/*
    rm -f "$root"/usr/lib/udev/hwdb.bin "$root"/lib/udev/hwdb.bin "$root"/var/lib/dpkg/*-old
}
