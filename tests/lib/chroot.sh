# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Makes a clean Debian of the release $suite in the folder $clean_root, with apt and the machine's own mirror. $cache keeps
# the base system of the day and downloaded packages, all of one suite. Programs inside end with the command that started
# them.

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
    # Forbids to start services: there is no service manager.
    printf '#!/bin/sh\nexit 101\n' >"$clean_root/usr/sbin/policy-rc.d"
    chmod 755 "$clean_root/usr/sbin/policy-rc.d"
    cp /etc/resolv.conf /etc/hosts "$clean_root/etc/"
}

# in_root COMMAND...: runs it with /proc, /dev, apt's archive, and the folders in $root_mounts. That array has three items
# for each: folder, path below the root, "ro" or "rw".
in_root() {
    # shellcheck disable=SC2016 # expanded inside
    unshare --mount --propagation private --pid --fork --kill-child -- sh -euc '
        root=$1 archives=$2
        shift 2
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount -t sysfs -o ro sysfs "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs -o mode=755 tmpfs "$root/run"
        mount --bind "$archives" "$root/var/cache/apt/archives"
        while [ "$1" != -- ]; do
            mkdir -p "$root$2"
            mount --bind "$1" "$root$2"
            [ "$3" = rw ] || mount -o "remount,bind,$3" "$root$2"
            shift 3
        done
        shift
        # No chroot: inside of one there are no user namespaces.
        cd "$root"
        pivot_root . .
        umount --lazy .
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
    ' sh "$clean_root" "$cache/archives" "${root_mounts[@]}" -- "$@" </dev/null
}

apt_in_root() {
    in_root apt-get --quiet=1 --yes --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Options::=--force-unsafe-io \
        -o APT::Keep-Downloaded-Packages=true -o APT::Sandbox::User=root "$@"
}
