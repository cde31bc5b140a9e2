# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# The customer's actions from outside, with only the delivered connection data: in the lab's machine `customer`, where
# /run/lab/credentials.json is the delivery. No password is ever an argument.

# Delivers the file that `rescuectl --credentials-file` wrote.
deliver_credentials() {
    install -m 600 "$1" "$state/customer/credentials.json"
    (umask 077 && jq --join-output .password "$state/customer/credentials.json" >"$state/customer/password")
    rm -f "$state/customer/known_hosts"
}

# The last mail to the customer that arrived in the datacentre's mail server.
last_mail() { find "$state/datacentre/mail" -maxdepth 1 -name '*.eml' | sort --version-sort | tail -n 1; }
mail_has_arrived() { [ -n "$(last_mail)" ]; }
mail_header() { "$lab_library/read-mail" header "$1" <"$(last_mail)"; }

# Reads the one-time link out of the mail, as the customer does.
receive_mail() {
    wait_until 60 "the mail with the link to arrive" mail_has_arrived
    (umask 077 && "$lab_library/read-mail" link <"$(last_mail)" >"$state/customer/link")
}

# Opens the link with the code that the panel has shown in $state/datacentre/code, and takes what is behind it.
open_link() {
    rm -f "$state/customer/secret.json"
    open_link_into /run/lab/secret.json | indent
    (umask 077 && jq '{address: .addresses[0], user, password, ssh_host_key: .ssh.host_keys[0].fingerprint,
         rdp_certificate: .rdp.certificate}' "$state/customer/secret.json" >"$state/customer/delivery.json")
    deliver_credentials "$state/customer/delivery.json"
    rm -f "$state/customer"/{secret,delivery}.json
}
open_link_again() { open_link_into /run/lab/secret-again.json; }

open_link_into() {
    { cat "$state/customer/link" && sed -n 2p "$state/datacentre/code"; } |
        in_machine customer netbootctl secret open - --output "$1"
}

delivered() { jq --raw-output ".$1" "$state/customer/credentials.json"; }

# Prints the server's host keys as OpenSSH receives them.
scan_host_keys() { in_machine customer ssh-keyscan -T 20 "$(delivered address)" 2>/dev/null >"$state/customer/scanned"; }

# Trusts only the host key with the announced fingerprint. Fails if the server has no such key.
pin_host_key() {
    local line announced
    announced=$(delivered ssh_host_key)
    scan_host_keys
    while IFS= read -r line; do
        if [ "$(ssh-keygen -l -f - <<<"$line" | cut -d ' ' -f 2)" = "$announced" ]; then
            printf '%s\n' "$line" >"$state/customer/known_hosts"
            return 0
        fi
    done <"$state/customer/scanned"
    return 1
}

# in_guest [PASSWORD-FILE] -- COMMAND: runs it over SSH, with the password, and only at the pinned host key.
in_guest() {
    local password=/run/lab/password
    [ "$1" = -- ] || { password=$1 && shift; }
    shift
    in_machine customer timeout 300 sshpass -f "$password" ssh \
        -o UserKnownHostsFile=/run/lab/known_hosts -o StrictHostKeyChecking=yes -o LogLevel=ERROR \
        -o PreferredAuthentications=password,keyboard-interactive -o PubkeyAuthentication=no \
        -o NumberOfPasswordPrompts=1 -o ConnectTimeout=20 \
        "$(delivered user)@$(delivered address)" "$@"
}

# Makes the customer's own SSH key, and gives its public half to the server's operator.
make_customer_key() {
    rm -f "$state/customer/key" "$state/customer/key.pub"
    ssh-keygen -q -t ed25519 -N '' -C customer -f "$state/customer/key"
    install -m 644 "$state/customer/key.pub" "$state/server/customer.pub"
}

# in_guest_by_key -- COMMAND: like in_guest, with the customer's key and without a password.
in_guest_by_key() {
    shift
    in_machine customer timeout 300 ssh -i /run/lab/key -o IdentitiesOnly=yes -o BatchMode=yes \
        -o UserKnownHostsFile=/run/lab/known_hosts -o StrictHostKeyChecking=yes -o LogLevel=ERROR \
        -o PreferredAuthentications=publickey -o ConnectTimeout=20 \
        "$(delivered user)@$(delivered address)" "$@"
}

# Prints the fingerprint of the RDP server's certificate: FreeRDP stores the one that it accepted on first use.
rdp_fingerprint_seen() {
    in_machine customer /run/library/rdp-client certificate "$(delivered address)" "$(delivered user)"
}

# Opens a desktop over RDP until end_rdp. Fails if the certificate is not the announced one.
start_rdp() {
    start_daemon customer rdp /run/library/rdp-client desktop "$(delivered address)" "$(delivered user)" \
        "$(delivered rdp_certificate)"
}
end_rdp() { stop_daemon customer rdp; }

guest_has_desktop() { in_guest -- 'pgrep -u Administrator -x xterm >/dev/null && pgrep -x Xorg >/dev/null' 2>/dev/null; }

# An empty screen is all black or all white.
rdp_shows_something() {
    local light
    { read -r light <"$state/customer/rdp.light"; } 2>/dev/null && [ "$light" -ge 10 ] && [ "$light" -le 90 ]
}

# explain_connection LAB: prints how to connect by hand; LAB is the command that has `exec`.
explain_connection() {
    local lab=$1 password="in $state/customer/password"
    [ ! -t 2 ] || password=$(delivered password)
    section "The rescue VM serves. Connect in the customer's network:"
    cat >&2 <<CONNECTION
  address     $(delivered address)
  user        $(delivered user)
  password    $password
  SSH key     $(delivered ssh_host_key)
  RDP cert    $(delivered rdp_certificate)

  $lab exec customer -- ssh -o UserKnownHostsFile=/run/lab/known_hosts $(delivered user)@$(delivered address)
  $lab exec customer -- xfreerdp /v:$(delivered address) /u:$(delivered user) /from-stdin:force /cert:fingerprint:sha256:$(delivered rdp_certificate),deny
  (without a display of your own; the picture is $state/customer/rdp.png:)
  $lab exec customer -- /run/library/rdp-client desktop $(delivered address) $(delivered user) $(delivered rdp_certificate)
  $lab exec datacentre -- arping -c 3 -I lan $(delivered address)
CONNECTION
}
