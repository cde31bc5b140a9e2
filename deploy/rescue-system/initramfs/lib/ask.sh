# shellcheck shell=dash disable=SC2154,SC2034 # variables are shared with scripts/rescue
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Asks a person for the network's settings, on screen and serial line, with a timeout.

# shellcheck disable=SC2094 # a terminal is read and written
# ask_on TTY: asks until it gets a line, and writes that to the file that ask_for_settings waits for.
ask_on() {
    local line
    while :; do
        printf '\r\n%s\r\n%s\r\n%s ' \
            "No DHCP server answered on $nics." \
            "This server's network, as ADDRESS/PREFIX,GATEWAY,DNS (203.0.113.7/24,203.0.113.1,198.51.100.53);" \
            "without an answer it restarts after $ask_seconds seconds:"
        IFS= read -r line || return
        line=$(echo "$line" | tr -d ' \r')
        [ -n "$line" ] || continue
        echo "$line" >"/run/rescue-system/answer.$$.new" && mv "/run/rescue-system/answer.$$.new" /run/rescue-system/answer
        return
    done <"$1" >"$1" 2>/dev/null
}

# shellcheck disable=SC2317 # called by wait_for
answered() { [ -s /run/rescue-system/answer ]; }

ask_for_settings() {
    local tty asking='' why=$problem
    [ "$ask_seconds" -gt 0 ] || return 1
    while :; do
        rm -f /run/rescue-system/answer
        for tty in /dev/tty1 /dev/ttyS0 /dev/ttyS1 /dev/hvc0; do
            # Only on the kernel's consoles, where a person may be.
            case $tty in /dev/tty1) console=tty0 ;; *) console=${tty#/dev/} ;; esac
            grep -q "^$console " /proc/consoles || continue
            ask_on "$tty" &
            asking="$asking $!"
        done
        wait_for "$ask_seconds" answered || { problem="$why, and nobody gave settings" && break; }
        # shellcheck disable=SC2086 # lists
        kill $asking 2>/dev/null
        asking=''
        # shellcheck disable=SC2086,SC2046
        configure_static "$(cat /run/rescue-system/answer)" operator $(in_order $nics) && return 0
        announce "$problem"
    done
    # shellcheck disable=SC2086
    [ -z "$asking" ] || kill $asking 2>/dev/null
    return 1
}
