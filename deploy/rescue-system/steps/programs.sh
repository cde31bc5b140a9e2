# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs rescued and its programs: from the Debian package, or from a build folder.

readonly program_names=(rescued rescuectl rescue-access-probe rescue-export rescue-files rescue-hold rescue-identity rescue-inspect
    rescue-rdp-login rescue-sftp rescue-stream-plugin.so)

# Packages that the programs need, one a line.
needs_of_programs() {
    if [ -f "$rescued" ]; then
        dpkg-deb --field "$rescued" Pre-Depends Depends | sed 's/^[A-Z][A-Za-z-]*: //' | tr ',' '\n' |
            sed -e 's/|.*//' -e 's/(.*//' -e 's/:any//' -e 's/[[:space:]]//g' -e '/^$/d'
        return
    fi
    local name library
    for name in "${program_names[@]}"; do
        [ -x "$rescued/$name" ] || fail 3 "there is no program $rescued/$name"
        objdump --private-headers "$rescued/$name" | sed -n 's/^ *NEEDED *//p'
    done | sort -u | while read -r library; do
        # Path where the loader of this machine finds it; the system gets the package of that file.
        library=$(/sbin/ldconfig --print-cache | sed -n "s,^[[:space:]]*${library//+/[+]} (libc6\,x86-64) => ,,p" | sed '1!d')
        [ -n "$library" ] || continue # the loader itself
        # By one of its two paths: /lib is /usr/lib.
        { dpkg-query --search "$(realpath "$library")" "$library" 2>/dev/null || true; } | sed -e 's/:.*//' -e '1!d'
    done
}

digest_of_programs() {
    if [ -f "$rescued" ]; then
        sha256sum <"$rescued"
    else
        (cd "$rescued" && sha256sum "${program_names[@]}")
    fi
}

install_programs() {
    local root=$work/root name folder
    if [ -f "$rescued" ]; then
        say "installing $(basename "$rescued")"
        cp "$rescued" "$root/rescued.deb"
        in_root dpkg --install /rescued.deb >"$work/dpkg.log" 2>&1 || {
            tail -n 20 "$work/dpkg.log" >&2
            fail 1 "the package cannot be installed"
        }
        rm "$root/rescued.deb"
        return
    fi
    say "installing the programs of $rescued"
    for name in "${program_names[@]}"; do
        case $name in
            rescuectl) folder=bin ;;
            *.so) folder=lib/rescue ;; # of nbdkit
            *) folder=sbin ;;
        esac
        # Symbols of a development build are some ten times the program.
        strip --strip-unneeded -o "$work/program" "$rescued/$name"
        install -D -m 755 "$work/program" "$root/usr/$folder/$name"
    done
    install -D -m 644 "$source_root/deploy/systemd/rescued.service" "$root/lib/systemd/system/rescued.service"
    install -D -m 644 "$source_root/deploy/systemd/sysusers.d/rescued.conf" "$root/usr/lib/sysusers.d/rescued.conf"
    in_root systemd-sysusers rescued.conf
}
