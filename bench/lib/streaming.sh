# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Parts of bench/streaming, which sets scratch, memory, build, image and size_mib, and has print.
# shellcheck disable=SC2154 # these variables

readonly server_ns=rsb-server-$$ client_ns=rsb-client-$$
readonly server_address=198.51.100.1 client_address=198.51.100.2
has_network=no boot_s=0
exporter_locks=()

end_all() {
    local code=$?
    trap - EXIT
    [ ! -s "$scratch/qemu.pid" ] || kill "$(cat "$scratch/qemu.pid")" 2>/dev/null || true
    end_exporters
    [ ! -s "$scratch/nginx.pid" ] || kill "$(cat "$scratch/nginx.pid")" 2>/dev/null || true
    if [ "$has_network" = yes ]; then
        ip netns del "$server_ns" || true
        ip netns del "$client_ns" || true
    fi
    rm -rf "$scratch" "$memory"
    exit "$code"
}

# seconds_since MICROSECONDS (of EPOCHREALTIME)
seconds_since() { seconds_text $((${EPOCHREALTIME/[.,]/} - $1)); }

# The image as raw data, with random data behind it: nothing of it compresses or is shared.
fill_image() {
    local file=$scratch/www/image.raw
    mkdir "$scratch/www"
    qemu-img convert -O raw "$image" "$file"
    local have
    have=$(($(stat --format=%s "$file") >> 20))
    [ "$have" -lt "$size_mib" ] || fail 2 "the image has $have MiB already: --size"
    openssl enc -aes-128-ctr -pass pass:x -nosalt -pbkdf2 -in /dev/zero 2>/dev/null |
        head --bytes="$(((size_mib - have) << 20))" >>"$file" || true
    [ "$(stat --format=%s "$file")" = $((size_mib << 20)) ] || fail 1 "the image could not be filled"
    say "image of $size_mib MiB, $have MiB of it the guest's"
}

# CPU seconds to hash each chunk, from the page cache; the function is the one that verifies.
measure_verification() {
    local TIMEFORMAT='%U %S' times
    cat "$scratch/www/image.raw" >/dev/null
    times=$({ time "$build/bin/rescue-image-chunks" "$scratch/www/image.raw" >"$scratch/chunks.json"; } 2>&1)
    digests_sha256=$(jq --raw-output .sha256 "$scratch/chunks.json")
    print 'verification: user CPU per GB' \
        "$(awk -v size="$size_mib" '{ printf "%.2f", $1 * 1000 / (size * 1.048576) }' <<<"$times")" s
    print 'reading the file: system CPU per GB' \
        "$(awk -v size="$size_mib" '{ printf "%.2f", $2 * 1000 / (size * 1.048576) }' <<<"$times")" s
}

start_network() {
    has_network=yes
    ip netns add "$server_ns"
    ip netns add "$client_ns"
    ip -n "$server_ns" link add rsb0 type veth peer name rsb0 netns "$client_ns"
    ip -n "$server_ns" address add "$server_address/24" dev rsb0
    ip -n "$client_ns" address add "$client_address/24" dev rsb0
    local ns
    for ns in "$server_ns" "$client_ns"; do
        ip -n "$ns" link set lo up
        ip -n "$ns" link set rsb0 up
    done
}

# shape MBIT: of what the server sends. The burst is 2 ms, a switch's buffer 50 ms.
shape() {
    ip netns exec "$server_ns" tc qdisc replace dev rsb0 root tbf rate "${1}mbit" burst $(($1 * 250 + 65536)) latency 50ms
}

start_nginx() {
    printf 'user root; worker_processes 1; pid %s/nginx.pid; error_log %s/error.log; events { worker_connections 1024; }
http { sendfile on; access_log off; server { listen %s:80; root %s/www; } }\n' \
        "$scratch" "$scratch" "$server_address" "$scratch" >"$scratch/nginx.conf"
    ip netns exec "$server_ns" nginx -c "$scratch/nginx.conf" -e "$scratch/error.log"
    wait_until 10 "nginx" test -s "$scratch/nginx.pid"
}

# CPU of nginx's worker in hundredths of a second.
nginx_cpu() {
    local worker
    worker=$(cat "/proc/$(cat "$scratch/nginx.pid")/task/$(cat "$scratch/nginx.pid")/children")
    awk '{ print $14 + $15 }' "/proc/${worker%% *}/stat"
}

# start_exporter NAME CHANGES: CHANGES is an object for jq.
start_exporter() {
    local folder=$memory/$1
    mkdir "$folder"
    jq --null-input --arg folder "$folder" --arg sha "$digests_sha256" --arg www "$scratch/www" \
        --arg url "http://$server_address/image.raw" \
        '{mirrors: [$url], digests: ($www + "/image.raw.chunks"), digests_sha256: $sha,
          cache: ($folder + "/cache"), status: ($folder + "/status.json")} + '"$2" >"$folder/settings.json"
    exporter_locks+=("$folder/nbd.sock.lock")
    ip netns exec "$client_ns" "$build/bin/rescue-export" --socket "$folder/nbd.sock" --settings "$folder/settings.json"
}

end_exporters() {
    local lock
    for lock in "${exporter_locks[@]}"; do
        [ ! -s "$lock" ] || kill "$(cat "$lock")" 2>/dev/null || true
    done
    for lock in "${exporter_locks[@]}"; do
        [ ! -e "$lock" ] || flock --wait 15 "$lock" true || complain "an exporter does not end: $lock"
        rm -rf "$(dirname "$lock")"
    done
    exporter_locks=()
}

has_banner() { [[ $(timeout 2 head -c 4 <"/dev/tcp/127.0.0.1/$1") = SSH- ]] 2>/dev/null; }

# boot BACKING: sets boot_s, the seconds from QEMU's start to the banner of the guest's SSH.
boot() {
    local overlay=$scratch/overlay.qcow2 port=$((20000 + $$ % 20000)) began
    qemu-img create -q -f qcow2 -F raw -b "$1" "$overlay"
    began=${EPOCHREALTIME/[.,]/}
    qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 1024 -nodefaults -display none \
        -drive "if=none,id=system,format=qcow2,cache=unsafe,rerror=stop,file=$overlay" -device virtio-scsi-pci \
        -device scsi-hd,drive=system -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$port-:22" \
        -device virtio-net-pci,netdev=net -serial "file:$scratch/serial" -daemonize -pidfile "$scratch/qemu.pid"
    wait_until 600 "the banner of the guest's SSH" has_banner "$port" 2>>"$scratch/banner.log" ||
        fail 1 "the guest does not boot: $(tail --lines=3 "$scratch/serial")"
    boot_s=$(seconds_since "$began")
    kill "$(cat "$scratch/qemu.pid")"
    wait_until 10 "QEMU's end" test ! -e "$scratch/qemu.pid"
    rm "$overlay"
}

# streamed_boot NAME CHANGES: sets boot_s, the seconds from the exporter's start to the banner.
streamed_boot() {
    local began=${EPOCHREALTIME/[.,]/}
    start_exporter "$1" "$2"
    boot "nbd+unix:///?socket=$memory/$1/nbd.sock"
    boot_s=$(seconds_since "$began")
}

# measure_boots MBIT. The download is computed from its first 10 s at this rate.
measure_boots() {
    local rate=$1 part=$(($1 * 1250000)) taken
    [ "$part" -lt $((size_mib << 20)) ] || part=$((size_mib << 20))
    taken=$(ip netns exec "$client_ns" curl --silent --fail --range "0-$((part - 1))" --output /dev/null \
        --write-out '%{time_total}' "http://$server_address/image.raw")
    print "$rate Mbit/s: full download (of a part)" \
        "$(awk -v taken="$taken" -v part="$part" -v size="$size_mib" 'BEGIN { printf "%.1f", taken * size * 1048576 / part }')" s
    streamed_boot plain "{record: \"$scratch/recorded\"}"
    print "$rate Mbit/s: streamed boot" "$boot_s" s
    print "$rate Mbit/s: read by the guest until then" "$(read_by_guest)" MB
    [ -s "$scratch/profile" ] || cp "$scratch/recorded" "$scratch/profile"
    end_exporters
    streamed_boot profile "{profile: \"$scratch/profile\"}"
    print "$rate Mbit/s: streamed boot with profile" "$boot_s" s
    end_exporters
}

# Chunks of 256 KiB in the last recorded profile, in MB.
read_by_guest() { awk 'END { printf "%.0f", (NR - 1) * 0.262144 }' "$scratch/recorded"; }

record_profile() {
    streamed_boot recorded "{record: \"$scratch/recorded\"}"
    cp "$scratch/recorded" "$scratch/profile"
    end_exporters
}

# has_chunks NAME COUNT
has_chunks() {
    [ -s "$memory/$1/status.json" ] && [ "$(jq .cache.chunks "$memory/$1/status.json")" -ge "$2" ]
}

# measure_fleet COUNT: the time until the last exporter has the boot profile.
measure_fleet() {
    local count=$1 chunks index began cpu starting=()
    chunks=$(($(wc --lines <"$scratch/profile") - 1))
    cpu=$(nginx_cpu)
    began=${EPOCHREALTIME/[.,]/}
    for ((index = 0; index < count; index++)); do
        exporter_locks+=("$memory/fleet$index/nbd.sock.lock")
        start_exporter "fleet$index" "{profile: \"$scratch/profile\", fetch_rest: false}" &
        starting+=($!)
    done
    wait "${starting[@]}"
    for ((index = 0; index < count; index++)); do
        wait_until 300 "the boot profile of exporter $index" has_chunks "fleet$index" "$chunks"
        [ "$index" != 0 ] || print "$count exporters: one has its profile" "$(seconds_since "$began")" s
    done
    print "$count exporters: all have theirs" "$(seconds_since "$began")" s
    print "$count exporters: CPU of nginx" "$(awk -v ticks=$(($(nginx_cpu) - cpu)) 'BEGIN { print ticks / 100 }')" s
    local bytes
    bytes=$(jq --slurp 'map(.fetched_bytes) | add / 1e6 | round' "$memory"/fleet*/status.json)
    print "$count exporters: fetched" "$bytes" MB
    end_exporters
}
