# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Inputs of the image: the machine's own Debian sources, the packages with
# their versions, and this folder. Their digest decides whether an image is current.

list_entries() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1"; }

# shellcheck source=apt.sh
source "$(dirname "${BASH_SOURCE[0]}")/apt.sh"

# Sets `sources`, `kernel_package` and `package_versions` (name and version of each
# package that a guest made now would get).
resolve_packages() {
    say "resolving packages"
    sources=$(debian_sources)
    [ -n "$sources" ] || fail 3 "no package list of Debian $suite on this machine: run apt-get update"
    kernel_package=$(apt-cache depends --important linux-image-amd64 | sed -n 's/^ *Depends: //p' | head -n 1)
    [ -n "$kernel_package" ] || fail 3 "linux-image-amd64 is not in the package lists: run apt-get update"
    mapfile -t packages < <(list_entries "$here/packages.list")
    local simulation
    simulation=$(apt-get install --simulate --no-install-recommends -o Dir::State::status=/dev/null \
        "${packages[@]}" base-files 2>&1) || fail 3 "apt cannot resolve the guest's packages: $simulation"
    package_versions=$(
        sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1 \2/p' <<<"$simulation" | sort
        apt-cache policy "$kernel_package" | sed -n "s/^ *Candidate: /$kernel_package /p"
    )
}

compute_inputs_digest() {
    inputs_digest=$(
        {
            printf '%s\n' "$package_versions"
            cd "$here" || return
            # Names, modes and link targets count too; the README does not.
            find . \( -type f -o -type l \) ! -name '*.md' -printf '%p %m %l\n' | sort
            find . -type f ! -name '*.md' -print0 | sort -z | xargs -0 sha256sum
        } | sha256sum | cut -d ' ' -f 1
    )
    version="$contract_version+${inputs_digest:0:8}"
}

# The sidecar names the inputs and the image that they gave; an image that was
# damaged or exchanged since is not current.
image_is_current() {
    local sidecar=$output/inputs.sha256
    [ -e "$sidecar" ] && [ -e "$output/standin.qcow2" ] || return 1
    grep -qx "inputs $inputs_digest" "$sidecar" || return 1
    image_digest=$(sha256sum <"$output/standin.qcow2" | cut -d ' ' -f 1)
    grep -qx "image $image_digest" "$sidecar"
}
