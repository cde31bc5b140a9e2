# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Parses the arguments of build.

usage() {
    cat <<'USAGE'
usage: build --output DIR --rescued PATH [options]

Builds the rescue system: DIR/vmlinuz, DIR/initrd.img, DIR/filesystem.squashfs, with
DIR/SHA256SUMS and DIR/packages.txt. What is in DIR and was made from the same inputs
is kept. Needs root, and apt sources of Debian 12.

  --output DIR            folder for the result (created if missing)
  --rescued PATH          programs: a folder with rescued, rescuectl and what they start
                          (or with bin/), or the package rescued_*.deb
  --authorized-keys FILE  SSH keys that may log in as root, on port 21248
  --image-key PATH        public key that rescue images are signed with (minisign), or a
                          folder of such keys (*.pub) with a list of revoked ones (revoked)
  --image-url URL         URL of the rescue image: sets image.url
  --setting KEY=VALUE     set a key of rescued.yaml, for example memory.minimum_mib=4096
  --root-shell            open a root shell without password on the physical console (tty2)
  --root-password-hash HASH  instead: allow logins on tty2 and the serial console with this
                          password (mkpasswd -m yescrypt); default: no login there at all
  --firmware-packages     add firmware of NICs and storage controllers (non-free-firmware)
  --microcode             add microcode of CPUs (non-free-firmware)
  --iso FILE              also make an ISO that boots without netboot, on BIOS and on UEFI
  --compression LEVEL     zstd level of the squashfs, 1 to 22 (default 9)
  --force                 build even if DIR holds a system of the same inputs
  --help                  print this text

Example:
  sudo deploy/rescue-system/build --output /srv/netboot/rescue --rescued build/release \
      --image-key image.pub --setting memory.minimum_mib=8192

Exit codes: 0 done, 1 failed (DIR is as it was), 2 usage, 3 precondition.
USAGE
}

parse_arguments() {
    output='' rescued='' authorized_keys='' image_key='' iso='' root_password_hash='' compression=9
    root_shell=no firmware_packages=no microcode=no force=no settings=()
    local name
    while [ $# -gt 0 ]; do
        case $1 in
            --output | --rescued | --authorized-keys | --image-key | --iso | --root-password-hash | --compression)
                [ $# -ge 2 ] || fail 2 "$1 needs a value (see --help)"
                name=${1#--}
                printf -v "${name//-/_}" %s "$2"
                shift 2
                ;;
            --package) rescued=${2:?--package needs a file} && shift 2 ;;
            --image-url) settings+=("image.url=${2:?--image-url needs a URL}") && shift 2 ;;
            --setting) settings+=("${2:?--setting needs KEY=VALUE}") && shift 2 ;;
            --root-shell) root_shell=yes && shift ;;
            --firmware-packages) firmware_packages=yes && shift ;;
            --microcode) microcode=yes && shift ;;
            --force) force=yes && shift ;;
            --help | -h) usage && exit 0 ;;
            *) fail 2 "unknown argument '$1' (see --help)" ;;
        esac
    done
    check_arguments
}

check_arguments() {
    [ -n "$output" ] || fail 2 "--output is missing (see --help)"
    [ -n "$rescued" ] || fail 2 "--rescued is missing (see --help)"
    [ -e "$rescued" ] || fail 3 "there is no $rescued; build the programs first: cmake --build --preset release"
    [[ $compression =~ ^([1-9]|1[0-9]|2[0-2])$ ]] || fail 2 "--compression is 1 to 22, not '$compression'"
    local setting file
    for setting in "${settings[@]}"; do
        [[ $setting =~ ^[a-z_]+(\.[a-z_]+)+=. ]] ||
            fail 2 "--setting is KEY=VALUE, as memory.minimum_mib=4096, not '$setting'"
    done
    for file in "$authorized_keys" "$image_key"; do
        [ -z "$file" ] || [ -s "$file" ] || fail 3 "cannot read $file"
    done
    [ ! -d "$image_key" ] || settings+=("image.public_key=/etc/rescue/image-keys")
    case $root_password_hash in
        '' | \$*\$*) ;;
        *) fail 2 "--root-password-hash takes a hash (mkpasswd -m yescrypt), not a password" ;;
    esac
    [ "$root_shell" = no ] || [ -z "$root_password_hash" ] ||
        fail 2 "--root-shell and --root-password-hash exclude each other"
    if [ -d "$rescued" ] && [ -x "$rescued/bin/rescued" ]; then rescued=$rescued/bin; fi
}
