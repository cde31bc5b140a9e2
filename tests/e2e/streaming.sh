#!/bin/bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# A session whose image is streamed from real web servers that lie, die and come back, with a cache that holds a part of
# it; and a throw-away disk that fills up. The guest never sees a wrong byte or an error of its system disk.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

readonly web=203.0.113.1
readonly runtime=/run/rescue/image

# nginx_configuration PORT [DIRECTIVE]: serves the image.
nginx_configuration() {
    local port=$1 directive=${2:-}
    cat <<CONF
daemon off; pid /run/lab/nginx-$port.pid; error_log /run/lab/log/nginx-$port.log; user root;
events {}
http {
    access_log /run/lab/log/access-$port.log;
    client_body_temp_path /run/lab/nginx-$port; proxy_temp_path /run/lab/nginx-$port; fastcgi_temp_path /run/lab/nginx-$port;
    uwsgi_temp_path /run/lab/nginx-$port; scgi_temp_path /run/lab/nginx-$port;
    server { listen $web:$port; $directive location /image/ { alias $(realpath "$image")/; } }
}
CONF
}
web_answers() { lab exec datacentre -- curl --silent --fail --output /dev/null "http://$web:$1/image/manifest.json"; }
start_web() {
    lab exec datacentre -- /run/library/daemon start "nginx-$1" nginx -c "/run/lab/nginx-$1.conf" -e "/run/lab/log/nginx-$1.log"
    wait_until 20 "the web server at port $1" web_answers "$1"
}
web_is_gone() { ! lab exec datacentre -- /run/library/daemon running "nginx-$1"; }
stop_web() {
    lab exec datacentre -- /run/library/daemon signal "nginx-$1" TERM
    wait_until 20 "the web server at port $1 to end" web_is_gone "$1"
}
make_web() {
    nginx_configuration "$@" | lab exec datacentre -- install -m 644 /dev/stdin "/run/lab/nginx-$1.conf"
    start_web "$1"
}

in_guest() {
    jq -r .password "$scratch/credentials" | lab exec customer -- sshpass -d 0 ssh -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o PubkeyAuthentication=no -o ServerAliveInterval=0 \
        "Administrator@$(jq -r .address "$scratch/credentials")" "$@"
}
# Reads the guest's whole system from its disk again, and prints one digest of it.
digest_in_guest() {
    in_guest 'sudo bash -c "
        sync; echo 3 >/proc/sys/vm/drop_caches
        find /usr/bin /usr/lib /usr/sbin -xdev -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum"'
}
state_of_guest() { lab exec server -- virsh --quiet domstate "rescue-$server"; }
guest_is_paused() { [ "$(state_of_guest)" = paused ]; }
guest_is_running() { [ "$(state_of_guest)" = running ]; }
warning() { status '[.warnings[] | (.text? // .)] | join("; ")'; }
warns_of() { warning | grep -qF -- "$1"; }
no_warning() { ! warning | grep -q 'the guest is paused\|the guest may have to wait'; }
exporter() { lab exec server -- cat $runtime/nbd.sock.lock; }

lab_up_for_test --no-rescued
remember_network
[ "$(jq '.files[0] | has("chunks")' "$image/manifest.json")" = true ] || die "the image has no chunk digests"
make_web 8081 "max_ranges 0;" # answers 200 to a request for a range
make_web 8082
restart_rescued "image.url=http://$web:8081/image" "image.mirrors=[http://$web:8082/image]" image.cache_mib=16 \
    memory.overlay_mib=128 guest.watchdog_interval=2s

digest_of_disks() { sha256sum "/run/rescue-lab/$lab_name"/disks/*.img; }
disks_before=$(digest_of_disks)
lab exec server -- rescuectl start --wait --credentials-file /run/credentials.json
customer_logs_in
[ "$(status .plan.image.system_disk)" = "nbd+unix:///?socket=$runtime/nbd.sock" ] || die "the image is not streamed"
[ "$(status .plan.image.memory_mib)" -le 16 ] || die "the plan has $(status .plan.image.memory_mib) MiB for the cache"
if lab exec server -- test -e /var/lib/rescue/images/fetched/standin.qcow2; then die "the image was downloaded"; fi
lab exec datacentre -- grep -q '"GET /image/standin.qcow2 HTTP/1.1" 206' /run/lab/log/access-8082.log ||
    die "the second mirror was asked for no range"
good "streamed from the mirror that serves ranges; the other one was not believed"

before=$(digest_in_guest)
stop_web 8081
stop_web 8082
digest_in_guest >"$scratch/during" &
reader=$!
wait_until 60 "the guest to be paused" guest_is_paused
wait_until 20 "the status to say why" warns_of "the guest is paused: parts of its image can't be fetched: "
say "$(warning)"
start_web 8082
wait_until 30 "the guest to run again" guest_is_running
wait_until 20 "the warning to be withdrawn" no_warning
wait "$reader"
[ "$(cat "$scratch/during")" = "$before" ] || die "the guest has read something else than before"
good "all mirrors away: paused, with the reason; back: resumed, and every byte is right"

first=$(exporter)
lab exec server -- kill -9 "$first"
[ "$(digest_in_guest)" = "$before" ] || die "the guest has read something else than before"
wait_until 20 "the warning to be withdrawn" no_warning
[ "$(exporter)" != "$first" ] || die "the exporter was not started again"
good "the exporter was killed: started again, and every byte is right"

first=$(exporter)
lab daemon kill rescued
lab daemon start rescued
wait_until 30 "rescued to adopt the session" phase_is serving
[ "$(exporter)" = "$first" ] || die "the exporter was not adopted"
lab daemon kill rescued
lab exec server -- kill -9 "$first"
lab daemon start rescued
wait_until 30 "rescued to adopt the session" phase_is serving
[ "$(digest_in_guest)" = "$before" ] || die "the guest has read something else than before"
good "rescued was killed, alone and together with the exporter: adopted"

[ "$(status .plan.overlay_mib)" = 128 ] || die "the throw-away disk has $(status .plan.overlay_mib) MiB"
in_guest 'dd if=/dev/urandom of=/var/tmp/fill bs=1M count=400 conv=fsync status=none && sha256sum </var/tmp/fill' >"$scratch/fill"
[ "$(status .plan.overlay_mib)" -ge 400 ] || die "the throw-away disk has not grown: $(status .plan.overlay_mib) MiB"
wait_until 20 "the warning to be withdrawn" no_warning
in_guest 'echo 3 | sudo tee /proc/sys/vm/drop_caches >/dev/null; sha256sum </var/tmp/fill' | cmp - "$scratch/fill" || die "the guest has lost what it wrote"
good "the throw-away disk was full: it has grown to $(status .plan.overlay_mib) MiB, and the guest has noticed nothing"

lab exec server -- rescuectl finish --then stay
expect_nothing_left
left=$(lab exec server -- bash -c 'grep " /run/rescue/" /proc/self/mountinfo; ps -eo args= | grep -E "[n]bdkit|[r]escue-export"' || true)
[ -z "$left" ] || die "left in the server: $left"
good "finished: no exporter, no memory file system"
[ "$(digest_of_disks)" = "$disks_before" ] || die "the guest wrote nothing to the server's disks, and they have changed"
good "not a byte of the server's disks has changed"
