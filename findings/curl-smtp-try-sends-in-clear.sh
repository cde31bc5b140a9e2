#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# curl, SMTP with `--ssl` (CURLUSESSL_TRY): a server without STARTTLS gets password and mail in clear, without an error.
#
# One would guess that "try SSL" concerns what the server can do, and that a client with a user and a password at least warns.
# But whether STARTTLS is in the answer to EHLO is decided by whoever is in between: an attacker who removes that line gets
# AUTH with the password, and the mail. curl ends with 0 and prints nothing. `--ssl-reqd` (CURLUSESSL_ALL) is what one wants:
# it ends with 64 before it names an address.
#
# Seen: curl 7.88.1 (Debian 12), python3-aiosmtpd 1.4.3. No root; a mail server on loopback.
set -euo pipefail

folder=$(mktemp -d)
readonly folder
server=''
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT
curl --version | head -n 1

# A server that offers AUTH and no STARTTLS, and writes down what it gets.
/usr/bin/python3 - "$folder" <<'PYTHON' &
import asyncio, os, sys, warnings
from aiosmtpd.smtp import SMTP, AuthResult

folder = sys.argv[1]

def note(line):
    with open(folder + "/seen", "a") as seen:
        seen.write(line + "\n")

class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        note("from " + address)
        envelope.mail_from = address
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        note("mail in clear" if session.ssl is None else "mail over TLS")
        return "250 OK"

def authenticate(server, session, envelope, mechanism, data):
    note("password " + data.password.decode())
    return AuthResult(success=True)

async def main():
    warnings.simplefilter("ignore")
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Handler(), authenticator=authenticate, auth_require_tls=False), "127.0.0.1", 0)
    with open(folder + "/port.new", "w") as port:
        port.write(str(server.sockets[0].getsockname()[1]))
    os.rename(folder + "/port.new", folder + "/port")
    await server.serve_forever()

asyncio.run(main())
PYTHON
server=$!
for _ in $(seq 100); do
    [ ! -e "$folder/port" ] || break
    sleep 0.1
done
port=$(cat "$folder/port")
printf 'Subject: a link\r\n\r\nhttps://example.com/s/secret\r\n' >"$folder/mail"

# send OPTION: prints curl's exit status.
send() {
    : >"$folder/seen"
    local status=0
    curl --silent --show-error "$1" --url "smtp://127.0.0.1:$port" --user netbootd:hunter2 --mail-from a@example.com \
        --mail-rcpt b@example.com --upload-file "$folder/mail" 2>"$folder/errors" || status=$?
    printf '%s\n' "$status"
}

tried=$(send --ssl)
printf '%s: exit status %s; the server got: %s; errors: %s\n' --ssl "$tried" \
    "$(paste --serial --delimiters=, "$folder/seen")" "$(cat "$folder/errors")"
if [ "$tried" != 0 ] || ! grep --quiet 'password hunter2' "$folder/seen" || ! grep --quiet 'mail in clear' "$folder/seen"; then
    echo "changed: --ssl does not send in clear" && exit 1
fi
required=$(send --ssl-reqd)
printf '%s: exit status %s; the server got: %s\n' --ssl-reqd "$required" "$(paste --serial --delimiters=, "$folder/seen")"
if [ "$required" != 64 ] || [ -s "$folder/seen" ]; then echo "changed: --ssl-reqd sends something" && exit 1; fi
