#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# nbdkit's curl plugin, a web server that answers a range request with 200: each read returns the start of the file.
#
# A server may ignore a Range header and answer 200 with the whole file (RFC 9110, 14.2); proxies and caches that remove the
# header do the same. One would guess that the plugin, which asks once whether the server has ranges ("Accept-Ranges: bytes"),
# then checks that each answer is 206 with the Content-Range that it wanted. It checks neither: it copies the first bytes of
# whatever body arrives to the reader. A read at 1 MiB succeeds with the bytes of offset 0, without an error anywhere.
#
# Seen: nbdkit 1.32.5-1, libnbd 1.14.2-1 (Debian 12). No root; a web server and nbdkit on loopback.
set -euo pipefail

readonly wanted='1.32.5-1'
folder=$(mktemp -d)
readonly folder
server=''
end() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

(cd "$folder" && apt-get download "nbdkit=$wanted" libnbd-bin=1.14.2-1 libnbd0=1.14.2-1 >/dev/null 2>&1 &&
    for file in ./*.deb; do dpkg -x "$file" "$folder/root"; done)
ln -s "$folder"/root/usr/lib/*-linux-gnu "$folder/lib"
plugin=$folder/lib/nbdkit/plugins/nbdkit-curl-plugin.so
nbdkit() { "$folder/root/usr/bin/nbdkit" "$@"; }
nbdkit --version

# The file's blocks of 4 KiB hold their own numbers.
python3 - "$folder/port" <<'PYTHON' &
import http.server, os, sys
content = b"".join(b"%08d" % block * 512 for block in range(512))
class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
    def do_GET(self):
        self.do_HEAD()
        try:
            self.wfile.write(content)
        except OSError:
            pass
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
with open(sys.argv[1] + ".new", "w") as port:
    port.write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PYTHON
server=$!
for _ in $(seq 100); do
    [ ! -e "$folder/port" ] || break
    sleep 0.1
done

code=0
# shellcheck disable=SC2016 # nbdkit expands it
nbdkit --readonly "$plugin" url="http://127.0.0.1:$(cat "$folder/port")/disk" \
    --run "LD_LIBRARY_PATH='$folder/lib' '$folder/root/usr/bin/nbdcopy' --request-size=65536 "'"$uri"'" '$folder/copy'" || code=$?
block_at() { dd if="$folder/copy" bs=8 skip=$(($1 / 8)) count=1 status=none; }
printf 'nbdcopy ends with %d; at 0: block %s; at 1 MiB, where block 00000256 is: block %s\n' \
    "$code" "$(block_at 0)" "$(block_at 1048576)"
[ "$code" = 0 ] || { echo "changed: the reader gets an error" && exit 1; }
[ "$(block_at 1048576)" = 00000000 ] || { echo "changed: the bytes are not those of the start" && exit 1; }
