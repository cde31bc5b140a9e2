#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# curl, SMTP with `--max-time 2` (CURLOPT_TIMEOUT): a server that does not answer the end of DATA holds curl for two minutes more.
#
# One would guess that the limit of a transfer limits the call. The transfer ends after 2 s with 28, as it should; but the
# connection then counts as one to be kept, and the end of the handle (curl_easy_cleanup) sends QUIT on it and waits for the
# reply with libcurl's own limit of 120 s for SMTP, which neither --max-time nor the progress callback shortens. A program that
# sends mails in threads stops that much later. With CURLOPT_FORBID_REUSE the connection is ended inside the transfer, where the
# progress callback is asked once a second and can end the wait.
#
# Seen: curl 7.88.1 (Debian 12), python3-aiosmtpd 1.4.3. No root; a mail server on loopback. Takes two minutes.
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

# A server that takes a mail and is too busy to say so.
/usr/bin/python3 - "$folder" <<'PYTHON' &
import asyncio, os, sys
from aiosmtpd.smtp import SMTP

folder = sys.argv[1]

class Handler:
    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(3600)
        return "250 OK"

async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Handler()), "127.0.0.1", 0)
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
printf 'Subject: news\r\n\r\nThe session ends in an hour.\r\n' >"$folder/mail"
began=$SECONDS status=0
curl --silent --show-error --max-time 2 --url "smtp://127.0.0.1:$(cat "$folder/port")" --mail-from a@example.com \
    --mail-rcpt b@example.com --upload-file "$folder/mail" 2>"$folder/errors" || status=$?
took=$((SECONDS - began))
printf -- '--max-time 2: exit status %s after %s s; %s\n' "$status" "$took" "$(cat "$folder/errors")"
if [ "$status" != 28 ] || [ "$took" -lt 60 ]; then echo "changed: curl ends soon after its limit" && exit 1; fi
