# shellcheck shell=bash disable=SC2154 # $suite is the caller's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The machine's own way to Debian, for a system that is made on it.

# The machine's Debian sources as one-line entries, however they are written there.
# Sources of other origins are left out: their packages are no part of the guest.
debian_sources() {
    local origin codename uri release component signed_by
    # shellcheck disable=SC2016 # the dollars are apt's
    apt-get indextargets --format \
        '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)' 'Created-By: Packages' |
        while IFS='|' read -r origin codename uri release component signed_by; do
            [ "$origin" = Debian ] || continue
            case $codename in "$suite" | "$suite-updates" | "$suite-security") ;; *) continue ;; esac
            case $signed_by in /*) ;; *) signed_by='' ;; esac
            printf 'deb %s%s %s %s\n' "${signed_by:+[signed-by=$signed_by] }" "$uri" "$release" "$component"
        done | sort -u
}

# The machine's way to its mirror (proxies and the like), which mmdebstrap's apt, having
# a root of its own, does not read. One "Option value;" a line.
list_apt_network_options() {
    apt-config dump | grep -iE '^Acquire::(https?::|Retries|Check-Valid-Until|Check-Date)' | grep -v '""' || true
}
