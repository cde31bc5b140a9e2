# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# A clean Debian 12 in a folder, $clean_root, with apt in it and the machine's own way to its mirror. $cache keeps the
# base system of the day and the packages fetched. Nothing that runs in it outlives the command that started it.

readonly suite=bookworm

# shellcheck source=../../images/standin/steps/apt.sh
source "$root/images/standin/steps/apt.sh"

make_base() {
    local base=$1 option options=()
    while IFS= read -r option; do options+=(--aptopt="${option%;}"); done < <(list_apt_network_options)
    rm -f "$cache"/base-*.tar
    unshare --mount --propagation private --pid --fork --mount-proc --kill-child -- \
        mmdebstrap --mode=root --variant=minbase --format=tar --quiet --architectures=amd64 \
        --include=debian-archive-keyring --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr "${options[@]}" \
        --dpkgopt=force-unsafe-io "$suite" "$base.new" - < <(debian_sources) || return 1
    mv "$base.new" "$base"
}

make_clean_root() {
    local base
    base=$cache/base-$(date --utc +%F).tar
    [ -e "$base" ] || make_base "$base" || return 1
    mkdir -p "$clean_root" "$cache/archives/partial"
    tar --extract --file="$base" --directory="$clean_root" --numeric-owner --xattrs
    # As on a server without services running: the service manager is not there.
    printf '#!/bin/sh\nexit 101\n' >"$clean_root/usr/sbin/policy-rc.d"
    chmod 755 "$clean_root/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf /etc/hosts "$clean_root/etc/"
    mkdir -p "$clean_root/packages"
}

# in_root COMMAND...: with /proc and /dev, and folders of the machine: /packages, and apt's archive.
in_root() {
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --propagation private --pid --fork --kill-child -- sh -euc '
        root=$1 packages=$2 archives=$3
        shift 3
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        mount --bind "$packages" "$root/packages"
        mount --bind "$archives" "$root/var/cache/apt/archives"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive \
            chroot "$root" "$@"
    ' sh "$clean_root" "$packages" "$cache/archives" "$@" </dev/null
}

apt_in_root() {
    in_root apt-get --quiet=1 --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Options::=--force-unsafe-io \
        -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root "$@"
}
