# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Inputs of the system: packages with their versions, the programs, this folder, the options. Their digest decides whether
# a result is current.

# Sets `packages`, and `apt_options` if it needs other package lists than the machine's.
choose_packages() {
    local needs
    needs=$(needs_of_programs)
    mapfile -t packages < <(
        list_entries "$here/packages.list"
        printf '%s\n' "$needs"
        [ "$firmware_packages" = no ] || list_entries "$here/packages-firmware.list"
        [ "$microcode" = no ] || list_entries "$here/packages-microcode.list"
    )
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    apt_options=()
    sources=$(debian_sources)
    [ -n "$sources" ] || fail 3 "no package list of Debian $suite on this machine: run apt-get update"
    if [ "$firmware_packages" = yes ] || [ "$microcode" = yes ]; then use_non_free_firmware; fi
}

# Package lists of our own, since the machine's need not have this component.
use_non_free_firmware() {
    sources=${sources// main/ main non-free-firmware}
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/parts"
    printf '%s\n' "$sources" >"$work/apt/sources.list"
    apt_options=(-o "Dir::Etc::SourceList=$work/apt/sources.list" -o "Dir::Etc::SourceParts=$work/apt/parts"
        -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
    apt-get "${apt_options[@]}" --quiet update >"$work/apt/log" 2>&1 ||
        fail 1 "apt cannot read the component non-free-firmware: $(tail -n 3 "$work/apt/log")"
}

# Sets `package_versions`: name and version of each package that a system made now would get.
resolve_packages() {
    say "resolving packages"
    local simulation
    simulation=$(apt-get "${apt_options[@]}" install --simulate --no-install-recommends \
        -o Dir::State::status=/dev/null "${packages[@]}" base-files 2>&1) ||
        fail 3 "apt cannot resolve the packages: $simulation"
    package_versions=$(sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p' <<<"$simulation" | sort)
}

# Hash files by content, not by path.
digest_of_file() { [ -z "$1" ] || sha256sum <"$1"; }

digest_of_image_keys() {
    if [ -d "$image_key" ]; then
        find "$image_key" -maxdepth 1 \( -name '*.pub' -o -name revoked \) -exec sha256sum {} + | cut -d ' ' -f 1 | sort
    else
        digest_of_file "$image_key"
    fi
}

compute_inputs_digest() {
    inputs_digest=$(
        {
            printf '%s\n' "$package_versions" "${settings[@]}" "$root_shell" "$root_password_hash" "$compression"
            digest_of_programs
            digest_of_file "$authorized_keys"
            digest_of_image_keys
            cd "$source_root" || return
            # Names, modes and link targets count too; the README and the tests do not.
            find deploy/rescue-system deploy/systemd images/standin/steps \( -type f -o -type l \) \
                ! -name '*.md' ! -path '*/check*' -printf '%p %m %l\0' | sort -z | tr '\0' '\n'
            find deploy/rescue-system deploy/systemd images/standin/steps -type f ! -name '*.md' ! -path '*/check*' \
                -print0 | sort -z | xargs -0 sha256sum
        } | sha256sum | cut -d ' ' -f 1
    )
}

# The sidecar has the digest of the inputs, SHA256SUMS those of the results. A damaged or replaced file is not current.
system_is_current() {
    [ -e "$output/inputs.sha256" ] && grep -qx "inputs $inputs_digest" "$output/inputs.sha256" &&
        (cd "$output" && sha256sum --quiet --check SHA256SUMS) >/dev/null 2>&1
}
