# shellcheck shell=bash disable=SC2154 # $suite is the caller's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The machine's own way to Debian, for a system of the release $suite that is made on it. Needs deploy/lab/lib/suite.sh.

# The machine's Debian sources as one-line entries, however they are written there; for another suite than the machine's,
# with that one's name. Leaves out sources of other origins: their packages are no part of the system.
debian_sources() {
    local machine origin codename uri release component signed_by
    machine=$(machine_suite)
    # shellcheck disable=SC2016 # the dollars are apt's
    apt-get indextargets --format \
        '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)' 'Created-By: Packages' |
        while IFS='|' read -r origin codename uri release component signed_by; do
            [ "$origin" = Debian ] || continue
            case $codename in "$machine" | "$machine-updates" | "$machine-security") ;; *) continue ;; esac
            case $signed_by in /*) ;; *) signed_by='' ;; esac
            printf 'deb %s%s %s %s\n' "${signed_by:+[signed-by=$signed_by] }" "$uri" "${release/#$machine/$suite}" "$component"
        done | sort -u
}

# The machine's way to its mirror (proxies and the like), which mmdebstrap's apt, having
# a root of its own, does not read. One "Option value;" a line.
list_apt_network_options() {
    apt-config dump | grep -iE '^Acquire::(https?::|Retries|Check-Valid-Until|Check-Date)' | grep -v '""' || true
}
