# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs missing Debian packages. Needs only bash, coreutils, awk and dpkg.

# shellcheck source=suite.sh
source "$(dirname "${BASH_SOURCE[0]}")/suite.sh"

# Counts what installed packages provide: Node.js from its own site provides npm.
missing_packages() {
    local wanted installed
    wanted=$(list_packages "$(machine_suite)" "$@") || return 1
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}, ${Provides}\n' | sed -n 's/^ii  *//p' |
        sed -e 's/([^)]*)//g' -e 's/, */\n/g' | tr -d ' ' | sort --unique | sed '/^$/d')
    sort --unique <<<"$wanted" | grep --invert-match --line-regexp --fixed-strings "$installed" || true
}

require_debian() {
    local ID='' VERSION_ID='' VERSION_CODENAME=''
    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || source /etc/os-release
    known_suites | grep --quiet --line-regexp --fixed-strings "$VERSION_CODENAME" ||
        warn "made for Debian $(suite_value "$product_suite" release); this is ${ID:-unknown} ${VERSION_ID:-}: package names may differ"
}

# Keeps new packages from starting their services: the lab starts its own, in its own machines.
readonly service_policy=/usr/sbin/policy-rc.d
forbid_services() {
    [ ! -e "$service_policy" ] || mv "$service_policy" "$service_policy.before-lab"
    printf '#!/bin/sh\nexit 101\n' >"$service_policy"
    chmod 755 "$service_policy"
}
allow_services() {
    rm -f "$service_policy"
    [ ! -e "$service_policy.before-lab" ] || mv "$service_policy.before-lab" "$service_policy"
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet=1 --yes -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
        -o Acquire::Retries=3 "$@" </dev/null
}

# The stand-in's builder reads versions from them, even if all packages are installed.
update_package_lists() {
    apt update >"$1" 2>&1 || { indent <"$1" && fail 1 "apt-get update failed"; }
}

# install_packages LOG LIST...
install_packages() (
    log=$1
    shift
    require_debian
    list=$(missing_packages "$@") || fail 1 "deploy/suites lacks a package's name for $(machine_suite)" "add it there"
    mapfile -t missing < <(printf '%s' "$list")
    if [ ${#missing[@]} = 0 ]; then
        say "all packages are installed"
        [ "$(id -u)" != 0 ] || apt-cache show linux-image-amd64 >/dev/null 2>&1 || update_package_lists "$log"
        return
    fi
    [ "$(id -u)" = 0 ] || fail 3 "${#missing[@]} packages are missing" "sudo apt-get install ${missing[*]}"
    say "installing ${#missing[@]} packages and their dependencies: ${missing[*]}"
    update_package_lists "$log"
    trap allow_services EXIT
    forbid_services
    if ! apt install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 30 "$log" | indent
        fail 1 "the packages could not be installed" "the complete log is $log"
    fi
    say "installed"
)
