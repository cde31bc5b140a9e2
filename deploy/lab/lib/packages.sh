# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Installs Debian packages that are missing. Runs on a minimal Debian: bash, coreutils, awk and dpkg, no more.

# shellcheck source=suite.sh
source "$(dirname "${BASH_SOURCE[0]}")/suite.sh"

# What an installed package provides is there too: npm with the Node.js of its makers.
missing_packages() {
    local installed
    installed=$(dpkg-query --show --showformat '${db:Status-Abbrev} ${Package}, ${Provides}\n' | sed -n 's/^ii  *//p' |
        sed -e 's/([^)]*)//g' -e 's/, */\n/g' | tr -d ' ' | sort --unique | sed '/^$/d')
    list_packages "$(machine_suite)" "$@" | sort --unique | grep --invert-match --line-regexp --fixed-strings "$installed" || true
}

require_debian() {
    local ID='' VERSION_ID=''
    # shellcheck source=/dev/null
    [ ! -r /etc/os-release ] || source /etc/os-release
    [ "$ID-$VERSION_ID" = debian-12 ] ||
        warn "made for Debian 12; this is ${ID:-unknown} ${VERSION_ID:-}: package names may differ"
}

# While packages are unpacked no service of theirs is started: the lab starts its own, in machines of its own.
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

# The stand-in's builder asks them for versions, even when there is nothing to install.
update_package_lists() {
    apt update >"$1" 2>&1 || { indent <"$1" && fail 1 "apt-get update failed"; }
}

# install_packages LOG LIST...
install_packages() (
    log=$1
    shift
    require_debian
    mapfile -t missing < <(missing_packages "$@")
    if [ ${#missing[@]} = 0 ]; then
        say "all packages are there"
        [ "$(id -u)" != 0 ] || apt-cache show linux-image-amd64 >/dev/null 2>&1 || update_package_lists "$log"
        return
    fi
    [ "$(id -u)" = 0 ] || fail 3 "${#missing[@]} packages are missing" "sudo apt-get install ${missing[*]}"
    say "installing ${#missing[@]} packages and what they need: ${missing[*]}"
    update_package_lists "$log"
    trap allow_services EXIT
    forbid_services
    if ! apt install --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
        tail -n 30 "$log" | indent
        fail 1 "the packages could not be installed" "the whole of it is in $log"
    fi
    say "installed"
)
