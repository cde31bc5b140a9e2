# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The system's root directory: Debian packages (images/standin/steps/root.sh), then this folder's configuration.

excluded_paths() { list_entries "$here/paths.excluded" | grep -v '^!'; }
included_paths() { list_entries "$here/paths.excluded" | sed -n 's/^!//p'; }

make_root() {
    say "installing ${#packages[@]} packages and what they need"
    local pattern options=()
    while read -r pattern; do
        options+=(--dpkgopt="path-exclude=$pattern")
    done < <(excluded_paths)
    while read -r pattern; do
        options+=(--dpkgopt="path-include=$pattern")
    done < <(included_paths)
    # Use own namespaces: mounts and processes of mmdebstrap can't outlive it. Run it in the background, since bash runs its
    # traps only between foreground commands.
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

# Runs a program of the new system in it, with its own /proc, which mkinitramfs and rescued read.
in_root() {
    unshare --mount --propagation private --pid --fork --kill-child --mount-proc="$work/root/proc" -- \
        chroot "$work/root" "$@"
}

configure_root() {
    say "configuring the system"
    local root=$work/root
    # --remove-destination: some of these replace a symbolic link of a package.
    cp -a --no-preserve=ownership --remove-destination "$here/rootfs/." "$root/"
    make_users
    write_settings
    # Before units are chosen, which may depend on these.
    configure_access
    choose_units
    enable_logins
    mask_udev_rules
    write_identity
    check_settings
}

# Users of our own units: systemd-sysusers is masked at boot.
make_users() {
    in_root systemd-sysusers rescue-screen.conf >"$work/sysusers.log" 2>&1 || {
        tail -n 5 "$work/sysusers.log" >&2
        fail 1 "systemd-sysusers failed"
    }
}

mask_udev_rules() {
    local rules=$work/root/etc/udev/rules.d rule
    mkdir -p "$rules"
    while read -r rule; do
        ln -sf /dev/null "$rules/$rule"
    done < <(list_entries "$here/udev-rules.masked")
}

write_identity() {
    local root=$work/root
    echo rescue >"$root/etc/hostname"
    printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 rescue\n' >"$root/etc/hosts"
    # Empty, not absent: each boot gets an id without a "first boot" of systemd.
    : >"$root/etc/machine-id"
    : >"$root/etc/fstab"
    # Name servers that the initrd got by DHCP.
    ln -sf /run/rescue-system/resolv.conf "$root/etc/resolv.conf"
    printf 'NAME=rescue-system\nBUILD=%s\nBASE=debian-%s\n' "${inputs_digest:0:12}" "$suite" >"$root/etc/rescue-system-release"
}

# rescued.yaml: JSON is YAML, and jq writes it; values are JSON where they can be (numbers, lists, true), else text.
write_settings() {
    local setting json='{}' root=$work/root
    for setting in "${settings[@]}"; do
        json=$(jq --arg key "${setting%%=*}" --arg value "${setting#*=}" \
            'setpath($key / "."; ($value | try fromjson catch $value))' <<<"$json")
    done
    install -d -m 755 "$root/etc/rescue"
    jq . <<<"$json" >"$root/etc/rescue/rescued.yaml"
    if [ -d "$image_key" ]; then
        install -d -m 755 "$root/etc/rescue/image-keys"
        find "$image_key" -maxdepth 1 \( -name '*.pub' -o -name revoked \) \
            -exec install -m 644 -t "$root/etc/rescue/image-keys" {} +
    elif [ -n "$image_key" ]; then
        install -m 644 "$image_key" "$root/etc/rescue/image.pub"
    fi
}

# Check the configuration here, not on the first server.
check_settings() {
    local answer
    answer=$(in_root /usr/sbin/rescued --check 2>&1) ||
        fail 2 "rescued refuses the settings: $answer"
}

# Installed packages with versions and sizes, largest first.
write_packages() {
    # shellcheck disable=SC2016 # the dollars are dpkg's
    dpkg-query --admindir="$work/root/var/lib/dpkg" --show \
        --showformat '${Installed-Size}\t${Package}\t${Version}\n' |
        sort -t $'\t' -k 1,1nr -k 2,2 | awk -F '\t' '{ printf "%s %s %d KiB\n", $2, $3, $1 }' >"$1"
}

# Remove files that only the build needed, and keys that packages created: they would be the same everywhere.
trim_root() {
    local root=${work:?}/root
    # The example network is defined and started by default; rescued brings its own.
    rm -rf "${root:?}"/etc/libvirt/qemu/networks/* "${root:?}"/usr/lib/udev/hwdb.bin "${root:?}"/etc/udev/hwdb.bin
    rm -f "${root:?}"/etc/ssh/ssh_host_* "${root:?}"/etc/lvm/{backup,archive}/* "${root:?}"/var/lib/dpkg/*-old
    rm -rf "${root:?}"/boot/* "${root:?}"/{vmlinuz,initrd.img}* "${root:?}"/{tmp,var/tmp,var/cache,var/log}/* \
        "${root:?}"/etc/apt "${root:?}"/var/lib/{apt/lists,dpkg/info,initramfs-tools}
    mkdir -p "$root/var/cache/libvirt" "$root/var/log/libvirt/qemu"
    find "$root" -xdev -name __pycache__ -prune -exec rm -rf {} +
}
