# shellcheck shell=bash disable=SC2154,SC2034 # variables are shared with build
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Publishes the result by renames, and prints a summary.

# Remove the sidecar first and write it last: an interrupted result never counts as current.
publish() {
    local file
    printf 'inputs %s\n' "$inputs_digest" >"$staging/inputs.sha256"
    chmod 644 "$staging"/*
    rm -f "$output/inputs.sha256"
    for file in vmlinuz initrd.img filesystem.squashfs packages.txt SHA256SUMS inputs.sha256; do
        mv -f "$staging/$file" "$output/$file"
    done
}

mebibytes() { echo "$(($(stat -c %s "$1") / 1048576)) MiB"; }

report() {
    local file
    for file in vmlinuz initrd.img filesystem.squashfs; do
        say "$(mebibytes "$output/$file")  $output/$file"
    done
    say "$(wc -l <"$output/packages.txt") packages; the largest:"
    head -n 12 "$output/packages.txt" | awk '{ printf "          %4d MiB  %s %s\n", $3 / 1024, $1, $2 }' >&2
    squashfs_digest=$(sed -n 's/ .*filesystem.squashfs$//p' "$output/SHA256SUMS")
    say "a medium with these files is labelled $(medium_label)"
    printf '%s\n' "$output"/{vmlinuz,initrd.img,filesystem.squashfs,SHA256SUMS,packages.txt}
    [ -z "$iso" ] || printf '%s\n' "$iso"
}
