# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Manifest, signature, and the renames that make a result visible.

write_manifest() {
    local image=$1 manifest=$2 chunk_list=null
    [ -z "$chunks" ] || chunk_list=$("$chunks" --output "$staging/standin.qcow2.chunks" "$image") ||
        fail 1 "cannot write the digests of the chunks of $image"
    # Counter against roll-back: the clock, since a build knows nothing of those before it.
    jq -n --argjson counter "$EPOCHSECONDS" --arg version "$version" --arg firmware "$firmware" --arg disk_bus "$disk_bus" \
        --argjson chunks "$chunk_list" --arg sha256 "$image_digest" --argjson size "$(stat -c %s "$image")" \
        --argjson virtual_size "$(qemu-img info --output=json "$image" | jq '."virtual-size"')" '{
      manifest: 2, name: "standin", version: $version, channel: "stable", counter: $counter,
      kind: "standin", languages: ["en-US"], created: ($counter | todate),
      licence: "Debian: each package under its own licence",
      profile: {
        firmware: $firmware, machine: "q35", disk_bus: $disk_bus, nic: "virtio", tpm: false,
        agent: "qemu", ports: {ssh: 22, rdp: 3389}, least_memory_mib: 1024,
        administrator: "Administrator",
        set_hostname: ["/usr/sbin/standin-set-hostname", "{hostname}"],
        actions: {
          ssh_keys: {
            file: "/home/Administrator/.ssh/authorized_keys",
            commands: [["/usr/bin/chown", "Administrator:Administrator", "/home/Administrator/.ssh/authorized_keys"],
              ["/usr/bin/chmod", "600", "/home/Administrator/.ssh/authorized_keys"]]
          },
          keys_only: {commands: [["/usr/sbin/standin-keys-only"]]},
          keyboard: {commands: [["/usr/sbin/standin-set-keyboard", "{keyboard}", "{language}"]]},
          login_text: {file: "/etc/motd"},
          desktop_text: {file: "/home/Administrator/Desktop/RESCUE.txt"},
          message: {commands: [["/usr/bin/wall", "--nobanner", "{text}"]]}
        }
      },
      files: [{
        name: "standin.qcow2", role: "system-disk", format: "qcow2",
        size: $size, sha256: $sha256, virtual_size: $virtual_size
      } + if $chunks == null then {} else {chunks: $chunks} end]
    }' >"$manifest"
}

sign_manifest() {
    # No password: stdin is empty, so a key that has one fails instead of asking.
    minisign -S -s "$key" -m "$staging/manifest.json" -x "$staging/manifest.json.minisig" \
        -t "rescue image standin $version" </dev/null >"$staging/minisign.log" 2>&1 || {
        cat "$staging/minisign.log" >&2
        fail 1 "cannot sign with $key; it must be a minisign secret key without password (minisign -G -W)"
    }
}

# Each file by rename. The sidecar goes first and comes last: a result that was cut
# off in between is never taken for current.
publish() {
    local image=$output/standin.qcow2
    [ ! -e "$staging/standin.qcow2" ] || image=$staging/standin.qcow2
    write_manifest "$image" "$staging/manifest.json"
    [ -z "$key" ] || sign_manifest
    printf 'inputs %s\nimage %s\n' "$inputs_digest" "$image_digest" >"$staging/inputs.sha256"
    chmod 644 "$staging"/*
    rm -f "$output/inputs.sha256"
    [ "$image" = "$output/standin.qcow2" ] || mv -f "$image" "$output/standin.qcow2"
    if [ -n "$chunks" ]; then
        mv -f "$staging/standin.qcow2.chunks" "$output/standin.qcow2.chunks"
    else
        rm -f "$output/standin.qcow2.chunks" # of another image, perhaps
    fi
    mv -f "$staging/manifest.json" "$output/manifest.json"
    if [ -n "$key" ]; then
        mv -f "$staging/manifest.json.minisig" "$output/manifest.json.minisig"
    else
        rm -f "$output/manifest.json.minisig" # it would belong to another manifest
    fi
    mv -f "$staging/inputs.sha256" "$output/inputs.sha256"
    say "done: $(($(stat -c %s "$output/standin.qcow2") / 1048576)) MiB, version $version"
    printf '%s\n' "$output/standin.qcow2" "$output/manifest.json"
    [ -z "$chunks" ] || printf '%s\n' "$output/standin.qcow2.chunks"
    [ -z "$key" ] || printf '%s\n' "$output/manifest.json.minisig"
}
