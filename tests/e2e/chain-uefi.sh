#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The whole chain on a virtual bare-metal server with UEFI: the demo, which checks the result of each of its steps, with a
# customer who has Chromium. The mail's link is opened there, its console logs in; a helper uses the panel's ticket; and a
# link that was issued again is opened as the demo does it, by netbootctl. The guest's changes are on a disk of their own,
# and the server's power is cut while they are written to its disks.
# shellcheck disable=SC2154 # variables are the demo's
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
readonly root
# shellcheck source=../../deploy/lab/demo
source "$root/deploy/lab/demo"
# shellcheck source=../lib/browser.sh
source "$root/tests/lib/browser.sh"
# shellcheck source=../lib/secrets.sh
source "$root/tests/lib/secrets.sh"

die() { fail 1 "$@"; }
panel() { in_machine datacentre netbootctl "$@"; }
panel_json() { in_machine datacentre netbootctl --json "$@"; }
# copy_function NAME NEW-NAME
copy_function() { eval "$(declare -f "$1" | sed "1s/^$1/$2/")"; }
copy_function open_link open_link_by_netbootctl
copy_function use_physical_screen look_at_physical_screen

# browser STEP ARGUMENT...: a step of tests/web/chain/customer.mjs; its answer is in $answer.
browser() {
    printf '%s\n' "$*" >&"${BROWSER[1]}"
    IFS= read -r -t 300 answer <&"${BROWSER[0]}" || die "the browser could not: $*" "$(tail -n 30 "$state/customer/log/browser.log")"
}
answered() { jq --raw-output ".$1" <<<"$answer"; }

start_browser() {
    local modules
    modules=$(browser_modules)
    coproc BROWSER { in_machine customer node "$modules/chain/customer.mjs" 2>"$state/customer/log/browser.log"; }
}

# In place of `netbootctl secret open`.
open_link() {
    (umask 077 && sed -n 2p "$state/datacentre/code" >"$state/customer/code")
    start_browser
    browser reveal /run/lab/link /run/lab/code /run/lab/revealed.png
    (umask 077 && printf '%s\n' "$answer" >"$state/customer/delivery.json")
    deliver_credentials "$state/customer/delivery.json"
    rm "$state/customer"/{code,delivery.json}
}

open_link_again() {
    browser again /run/lab/link
    [ "$(answered state)" = revealed ] || return 0
    [[ $(answered at) == "$(date --utc +%Y-%m-%dT)"* ]] || die "the page does not say when it was: $answer"
    answered text >&2
    return 1
}

is_logged_in_on_console() { in_guest -- pgrep -t tty1 -u "$(delivered user)" bash >/dev/null; }

# The last text on the guest's console.
guest_asks() {
    local screen
    screen=$(in_guest -- 'sudo cat /dev/vcs1' | tr --delete '\0' | sed 's/ *$//') && [[ $screen == *"$1" ]]
}

guest_asks_anything() { guest_asks 'login:' || guest_asks 'Password:'; }

# Ends the line on the guest's console. A key may be lost while a slow guest is busy, and a message of its kernel may hide the
# question until the guest itself ends the login, after 60 s.
end_line_on_console() {
    for _ in 1 2 3; do
        browser type "\\n"
        if wait_until 75 "the guest to ask for a password or a name" guest_asks_anything; then return; fi
    done
    die "the guest asks for nothing on its console"
}

# A key may be repeated while a slow guest is busy: a repeated Enter answers the next question too. A login that failed is
# tried again; the guest itself ends one that waits for 60 s.
log_in_on_console() {
    for _ in 1 2 3 4; do
        wait_until 120 "the guest to ask who logs in" guest_asks 'login:'
        browser type "$(delivered user)\\n"
        wait_until 60 "the guest to ask for the password" guest_asks 'Password:' || continue
        browser hand-over /run/lab/hand-over.png
        if wait_until 60 "a login on the console" is_logged_in_on_console; then return; fi
    done
    die "the password, typed by the console's page, was not taken"
}

use_console() {
    local letters
    section "The panel opens the console in the customer's browser"
    panel console open "$server_name" >"$state/customer/console-url"
    browser console /run/lab/console-url /run/lab/console.png
    guest_console_has 'login:' || die "the guest's screen has no login prompt"
    panel console list "$server_name" | indent
    letters=$(shuf --head-count 6 --echo b c d e f g h i j k l | tr --delete '\n')
    browser type "$letters"
    wait_until 60 "the text typed on the page to arrive in the guest" guest_console_has "$letters"
    say "typed on the console's page, read from the guest's console: $letters"
    end_line_on_console
    if guest_asks 'Password:'; then browser type "\\n"; fi
    log_in_on_console
    say "logged in on the console, by a password that the link's page handed to the console's"
}

helpers_are_in() { [ "$(panel_json ticket show "$server_name" | jq '.ticket.connected | length')" = "$1" ]; }

# Within the viewer's window, below its menu and above its line of state.
helper_sees_something() {
    # shellcheck disable=SC2016 # expanded in the machine
    in_machine customer bash -c 'DISPLAY=$(cat /tmp/helper) import -window root /run/lab/helper.png' &&
        [ "$(convert "$state/customer/helper.png" -crop 780x400+20+130 -format '%[fx:maxima > 0.4]' info:)" = 1 ]
}

# A helper on a screen of his own, with the command line that netbootctl prints.
let_helper_in() {
    section "The panel opens a ticket, and a helper sees the console"
    panel ticket open "$server_name" --no-message --key /run/lab/panel.key 2>"$state/ticket-progress" |
        sed -n 's/^viewer: *//p' >"$state/customer/viewer"
    grep --quiet '^rescue-viewer --ticket=' "$state/customer/viewer" || die "no ticket: $(cat "$state/ticket-progress")"
    # shellcheck disable=SC2016 # expanded in the machine
    start_daemon customer helper bash -c 'mkfifo /tmp/display
        Xvfb -displayfd 3 -screen 0 1024x768x24 -nolisten tcp 3>/tmp/display &
        read -r number </tmp/display && echo ":$number" >/tmp/helper && export HOME=/tmp DISPLAY=:$number && exec $(cat /run/lab/viewer)'
    wait_until 60 "the helper to be in" helpers_are_in 1
    panel ticket show "$server_name" | indent
    wait_until 60 "the guest's screen to show on the helper's" helper_sees_something
    panel ticket end "$server_name" --wait >/dev/null 2>&1
    wait_until 30 "the helper to be out" helpers_are_in 0
}

# The mail server has the link, as the customer's provider has: the code is missing there.
nothing_else_has_the_secrets() {
    local found
    sed 's/.*#//' "$state/customer/link" >"$state/customer/link-key"
    sed -n 2p "$state/datacentre/code" >"$state/customer/code"
    found=$(places_of "$state/customer/password" "$state/datacentre")
    [ -z "$found" ] || die "the password is in $found"
    found=$(places_of "$state/customer/link-key" "$state"/datacentre/{netbootd.sqlite*,log})
    [ -z "$found" ] || die "the link's key is in $found"
    found=$(places_of "$state/customer/code" "$state"/datacentre/{netbootd.sqlite*,log,mail})
    [ -z "$found" ] || die "the code is in $found"
    good "password, code and the link's key are in no log, database, mail, command line or environment"
}


# The customer has lost the password; what the page has shown is worth nothing any more.
issue_again() {
    section "The panel has the credentials issued again"
    cp "$state/customer/password" "$state/customer/old-password"
    rm "$state"/datacentre/mail/*.eml
    panel rescue reissue "$server_name" --wait 2>&1 | indent
    receive_mail
    rm "$state/datacentre/code"
    panel rescue code "$server_name" --key /run/lab/panel.key --output /run/lab/code | indent
    open_link_by_netbootctl
    pin_host_key || die "the host key changed with the password"
    if in_guest /run/lab/old-password -- true 2>"$state/denied"; then die "the old password still works"; fi
}

# After the login over SSH.
use_physical_screen() {
    use_console
    let_helper_in
    cp "$state/customer"/{revealed,hand-over,helper}.png "$output"
    cp "$state/customer/console.png" "$output/page-console.png" # the demo has a console.png, of the server's screen
    to_browser=${BROWSER[1]}
    exec {to_browser}>&-
    issue_again
    nothing_else_has_the_secrets
    look_at_physical_screen
    # Here, since the demo reads it later than this file.
    copy_function finish_session finish_session_undisturbed
    finish_session() { finish_while_the_power_fails; }
}

readonly changes_disk=2
export rescue_arguments="rescue.changes=/dev/disk/by-id/ata-QEMU_HARDDISK_LAB-$server_name-SATA$changes_disk"

copy_function add_server add_bare_server
add_server() {
    add_bare_server "$1" "$2" "$((changes_disk + 1))" "${@:4}"
    mke2fs -q -t ext4 "$(server_folder "$1")/disk$changes_disk.img"
}

order_qemu() {
    printf '%s\n' "$1" | in_machine datacentre socat -t 2 - "UNIX-CONNECT:/run/lab/servers/$server_name/monitor.sock"
}
bytes_written() { order_qemu 'info blockstats' | sed -n 's/^disk0: .* wr_bytes=\([0-9]*\).*/\1/p'; }
first_disk_is_being_written() { [ "$(bytes_written)" -gt "$written_before" ]; }
session_waits_for() { [[ $(panel_json rescue show "$server_name" | jq --raw-output .waiting_for) == *"$1"* ]]; }

# The disk takes 64 KiB a second, so that there is a middle.
cut_power_in_mid_write() {
    wait_until 120 "the changes to be written" session_waits_for 'of changes to be written to'
    wait_until 60 "the server's disk to be written" first_disk_is_being_written
    bmc "$server_name" power off >/dev/null
    good "power cut while the changes were written"
    bmc "$server_name" power on >/dev/null
}

finish_while_the_power_fails() {
    local mark
    section "The power fails while the customer's changes are written"
    order_qemu 'block_set_io_throttle disk0 0 0 65536 0 0 0' >/dev/null
    written_before=$(bytes_written)
    mark=$(console_mark "$server_name")
    cut_power_in_mid_write &
    finish_session_undisturbed
    wait "$!" || die "the power was not cut while the changes were written"
    console_says "$server_name" "$mark" 'Command line: .*boot=rescue' || die "the rescue system was not booted again"
}

main --firmware uefi --build "${RESCUE_BUILD:-$root/build/dev}" --image "${RESCUE_IMAGE:-$root/build/standin/bios}" \
    --rescue-system "${RESCUE_SYSTEM:-$root/build/rescue-system}" --output "${RESCUE_RESULTS:-$root/build}/chain-uefi"
