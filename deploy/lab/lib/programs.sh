# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Builds the lab's programs, and the stand-in guest's image, signed with the lab's own key.

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
readonly source_root

# Prints a line for each tenth of ninja's "[12/345] ..."; copies all input to the log $1. Debian's awk would read ahead.
build_progress() {
    local line tenth=0
    while IFS= read -r line; do
        printf '%s\n' "$line" >>"$1"
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        [ $((BASH_REMATCH[1] * 10 / BASH_REMATCH[2])) -gt "$tenth" ] || continue
        tenth=$((BASH_REMATCH[1] * 10 / BASH_REMATCH[2]))
        say "${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    done
}

# build_programs PRESET LOG [TARGET...]: builds into build/PRESET.
build_programs() {
    local preset=$1 log=$2
    shift 2
    if ! (cd "$source_root" && cmake --preset "$preset") >"$log" 2>&1 ||
        ! (cd "$source_root" && NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" ${1:+--target "$@"}) 2>&1 | build_progress "$log"; then
        tail -n 40 "$log" | indent
        fail 1 "the build failed" "the complete log is $log"
    fi
}

# make_image DIRECTORY FIRMWARE BUILD LOG: makes the image DIRECTORY/FIRMWARE and its public key DIRECTORY/key.pub. One disk boots
# with either firmware: copies an image for the other one and gives it its own manifest. It can be streamed.
make_image() {
    local directory=$1 firmware=$2 build=$3 log=$4 other
    mkdir -p "$directory"
    if [ ! -e "$directory/key" ]; then
        minisign -G -W -p "$directory/key.pub" -s "$directory/key" >"$log"
        chmod 600 "$directory/key"
    fi
    for other in "$directory"/{uefi,bios}; do
        if [ ! -e "$directory/$firmware/inputs.sha256" ] && [ -e "$other/inputs.sha256" ]; then
            mkdir -p "$directory/$firmware"
            cp --reflink=auto "$other"/{standin.qcow2,manifest.json,inputs.sha256} "$directory/$firmware/"
        fi
    done
    if ! "$source_root/images/standin/build" --output "$directory/$firmware" --key "$directory/key" \
        --firmware "$firmware" --chunks "$build/bin/rescue-image-chunks" >"$log" 2>&1; then
        tail -n 30 "$log" | indent
        fail 1 "the stand-in's image could not be built" "the complete log is $log"
    fi
}

# make_rescue_system DIRECTORY BUILD IMAGE-KEY IMAGE-URL LOG: builds it for servers of the lab's size, with weak compression
# to save time.
make_rescue_system() {
    local directory=$1 build=$2 key=$3 image_url=$4 log=$5
    if ! "$source_root/deploy/rescue-system/build" --output "$directory" --rescued "$build" --image-key "$key" \
        --image-url "$image_url" --compression 3 --setting memory.minimum_mib=4096 \
        --setting memory.host_reserve_mib=2048 --setting memory.guest_ceiling_mib=2048 >"$log" 2>&1; then
        tail -n 30 "$log" | indent
        fail 1 "the rescue system could not be built" "the complete log is $log"
    fi
}

# Gives files that root has built to the user of sudo.
give_build_to_user() {
    [ -z "${SUDO_UID:-}" ] || chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$source_root/build"
}
