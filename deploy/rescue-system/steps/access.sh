# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Configures logins to the rescue system itself: none, unless the provider allows one.

configure_access() {
    local root=$work/root
    # No password matches; '!' would lock the account for keys, too.
    in_root usermod --password '*' root
    [ -z "$root_password_hash" ] || printf 'root:%s\n' "$root_password_hash" | in_root chpasswd --encrypted
    if [ -n "$authorized_keys" ]; then
        install -d -m 700 "$root/root/.ssh"
        install -m 600 "$authorized_keys" "$root/root/.ssh/authorized_keys"
    fi
}

enable_logins() {
    local etc=$work/root/etc/systemd/system
    if [ "$root_shell" = yes ]; then
        install -d "$etc/getty@tty2.service.d"
        # shellcheck disable=SC2016 # the dollar is systemd's
        printf '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root --noclear %%I $TERM\n' \
            >"$etc/getty@tty2.service.d/root-shell.conf"
    fi
    if [ "$root_shell" = yes ] || [ -n "$root_password_hash" ]; then
        in_root systemctl --quiet enable getty@tty2.service
    fi
    [ -z "$root_password_hash" ] || in_root systemctl --quiet enable serial-getty@ttyS0.service
}
