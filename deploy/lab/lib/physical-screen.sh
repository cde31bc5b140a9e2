# shellcheck shell=bash disable=SC2154 # variables are the demo's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The virtual server's own screen and keyboard, as a KVM over IP shows them. Uses here, state, server_name and output of the demo.

virtual_server() { "$here/server" --state "$state" "$@"; }

# screen_is SCREEN.PY-CHECK [ARGUMENT]: takes a picture of the server's screen and compares it.
screen_is() {
    virtual_server screen "$server_name" "$state/screen.ppm" 2>/dev/null &&
        "$lab_library/screen.py" "$1" "$state/screen.ppm" "${@:2}" >"$state/screen.log" 2>&1
}

# Fills the guest's console with five bands of colours that only this run has, five of its 25 lines each.
draw_bands() {
    # shellcheck disable=SC2016 # expanded in the guest
    in_guest -- 'colours='"$1"'
        for line in $(seq 0 24); do printf "\033[%d;1H\033[4%sm\033[K" $((line + 1)) "${colours:line/5:1}"; done | sudo tee /dev/tty1' \
        >/dev/null
}

# Characters and no attributes of the guest's console. A key that a slow machine repeats, since it comes up late, counts once.
guest_console_has() {
    in_guest -- 'sudo cat /dev/vcs1' | tr --delete '\0' | tr --squeeze-repeats b-l | grep --count --fixed-strings -- "$1" >/dev/null
}

use_physical_screen() {
    section "The server's own screen is the rescue VM's; its keyboard too"
    local letters colours key
    # Letters on the same keys in US, French and German layouts.
    letters=$(shuf --head-count 6 --echo b c d e f g h i j k l | tr --delete '\n')
    colours=$(shuf --input-range 1-6 --head-count 5 | tr --delete '\n')
    virtual_server screen "$server_name" "$output/physical-screen.png" 2>/dev/null
    mapfile -t key < <(grep --only-matching . <<<"$letters")
    virtual_server key "$server_name" "${key[@]}"
    wait_until 60 "the keys typed on the server's keyboard to arrive in the guest" guest_console_has "$letters"
    say "typed on the server's keyboard, read from the guest's console: $letters"
    draw_bands "$colours"
    wait_until 60 "what the guest draws to be on the server's screen" screen_is bands "$colours"
    say "drawn by the guest, seen on the server's screen: bands $colours, $(cat "$state/screen.log")"
    virtual_server key "$server_name" ctrl-alt-f1
    wait_until 60 "the status to be on the server's screen" screen_is status
    virtual_server screen "$server_name" "$output/console.png" 2>/dev/null
    virtual_server key "$server_name" alt-f7
    wait_until 60 "the guest to be back on the server's screen" screen_is bands "$colours"
    say "the chord shows the status, and the guest again: $output/physical-screen.png, $output/console.png"
}
