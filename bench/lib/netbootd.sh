# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Shared by the measurements of netbootd: options, a folder and processes that end with them, netbootd with many servers
# on SQLite or PostgreSQL, load by wrk, and CPU and memory of processes.
# shellcheck disable=SC2034 # variables for programs that source this file

source_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readonly source_root
# shellcheck source=../../deploy/lab/lib/output.sh
source "$source_root/deploy/lab/lib/output.sh"

# read_options NAME... -- ARGUMENT...: reads --NAME N into $NAME; and --build, --json and --help, which calls `usage`.
read_options() {
    local numbers=' ' name
    while [ "$1" != -- ]; do numbers+="$1 " && shift; done
    shift
    build=$source_root/build/release json=no
    while [ $# -gt 0 ]; do
        name=${1#--}
        case $1 in
            --help | -h) usage && exit 0 ;;
            --json) json=yes && shift && continue ;;
        esac
        [ "$1" = --build ] || [[ $1 = --* && $numbers = *" $name "* ]] || fail 2 "unknown option '$1' (see --help)"
        [ $# -ge 2 ] || fail 2 "$1 needs a value (see --help)"
        [ "$1" = --build ] || [[ $2 =~ ^[1-9][0-9]*$ ]] || fail 2 "$1 is a number, not '$2'"
        printf -v "$name" %s "$2"
        shift 2
    done
    [ -x "$build/bin/netbootd" ] || fail 3 "there is no netbootd in $build/bin" "cmake --build --preset release"
    build=$(realpath "$build")
}

# require_programs PACKAGES PROGRAM...
require_programs() {
    local packages=$1 program
    shift
    PATH=$PATH:/usr/sbin
    for program in "$@"; do
        command -v "$program" >/dev/null || fail 3 "$program is missing" "apt-get install $packages"
    done
}

# Creates $scratch. At exit, removes it and ends all $processes.
make_scratch() {
    scratch=$(mktemp -d)
    readonly scratch
    processes=()
    trap end_all EXIT
}
end_all() {
    local code=$?
    trap - EXIT
    [ ${#processes[@]} = 0 ] || kill "${processes[@]}" 2>/dev/null || true
    wait
    rm -rf "$scratch"
    exit "$code"
}
# end_process PID
end_process() {
    kill "$1"
    wait "$1" 2>/dev/null || true
    local left=() pid
    for pid in "${processes[@]}"; do [ "$pid" = "$1" ] || left+=("$pid"); done
    processes=("${left[@]}")
}

postgresql_program() {
    local found
    found=$(find /usr/lib/postgresql -path "*/bin/$1" 2>/dev/null | sort --version-sort | tail -n 1)
    [ -n "$found" ] || fail 3 "PostgreSQL is missing" "apt-get install postgresql"
    echo "$found"
}

# Starts our own PostgreSQL, on a socket in $scratch, with Debian's default settings. It runs as nobody, since it refuses
# root.
start_postgresql() {
    local as_nobody=() initdb postgres
    initdb=$(postgresql_program initdb)
    postgres=$(postgresql_program postgres)
    [ "$(id -u)" != 0 ] || as_nobody=(unshare --user --map-user=65534 --map-group=65534 --)
    "${as_nobody[@]}" "$initdb" --pgdata "$scratch/postgresql" --auth trust --username netbootd --encoding UTF8 --no-locale \
        --no-sync >"$scratch/initdb.log"
    "${as_nobody[@]}" "$postgres" -D "$scratch/postgresql" -k "$scratch" -c listen_addresses= 2>"$scratch/postgresql.log" &
    postgresql=$!
    processes+=("$postgresql")
    wait_until 30 PostgreSQL sql postgres ';' || { tail -n 5 "$scratch/postgresql.log" | indent && exit 1; }
}
# sql DATABASE STATEMENT
sql() { psql --quiet --no-align --tuples-only --no-psqlrc --host "$scratch" --username netbootd --dbname "$1" --command "$2" 2>>"$scratch/psql.log"; }

# configure FILE ENGINE DATABASE [MORE]: DATABASE is a file for SQLite, a name for PostgreSQL.
configure() {
    local database="{path: \"$scratch/$3\"}"
    [ "$2" = sqlite ] || database="{url: \"postgresql:///$3?host=$scratch&user=netbootd\"}"
    printf 'listen: {port: 0, connections_per_address: 0}\ndatabase: %s\nlog: {level: warning}\n%s\n' "$database" "${4:-}" >"$1"
}

# make_database ENGINE DATABASE SERVERS: creates netbootd's schema, $scratch/token of an admin, and servers. Inserts these
# directly, since registering is not measured. Each has its own address on the loopback interface.
make_database() {
    [ "$1" = sqlite ] || sql postgres "CREATE DATABASE $2"
    configure "$scratch/make.yaml" "$1" "$2"
    rm -f "$scratch/token"
    "$build/bin/netbootd" --config "$scratch/make.yaml" --init-admin-token "$scratch/token" 2>"$scratch/log"
    if [ "$1" = sqlite ]; then
        sqlite3 "$scratch/$2" <<SQL
BEGIN;
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < $3) SELECT i FROM c;
INSERT INTO servers (name, firmware, address, loader, created_ms)
    SELECT printf('server-%06d', i), 'uefi', printf('127.%d.%d.%d', 1 + i / 65536, i / 256 % 256, i % 256), '\EFI\Microsoft\Boot\bootmgfw.efi', 0 FROM n;
INSERT INTO server_macs (mac, server, position)
    SELECT printf('52:54:00:%02x:%02x:%02x', i / 65536, i / 256 % 256, i % 256), printf('server-%06d', i), 0 FROM n;
COMMIT;
SQL
    else
        sql "$2" "INSERT INTO servers (name, firmware, address, loader, created_ms)
    SELECT 'server-' || lpad(i::text, 6, '0'), 'uefi',
        '127.' || 1 + i / 65536 || '.' || i / 256 % 256 || '.' || i % 256, '\EFI\Microsoft\Boot\bootmgfw.efi', 0
    FROM generate_series(1, $3) AS i;
INSERT INTO server_macs (mac, server, position)
    SELECT regexp_replace('525400' || lpad(to_hex(i), 6, '0'), '(..)(..)(..)(..)(..)(..)', '\1:\2:\3:\4:\5:\6'),
        'server-' || lpad(i::text, 6, '0'), 0 FROM generate_series(1, $3) AS i;
ANALYZE;"
    fi
}

# copy_database ENGINE FROM TO: FROM must not be open.
copy_database() {
    if [ "$1" = sqlite ]; then
        rm -f "$scratch/$3" "$scratch/$3"-*
        cp "$scratch/$2" "$scratch/$3"
    else
        sql postgres "DROP DATABASE IF EXISTS $3"
        sql postgres "CREATE DATABASE $3 TEMPLATE $2"
    fi
}

# start_netbootd CONFIGURATION: sets $netbootd, its $port, and $start_us, its start time in microseconds.
start_netbootd() {
    local began
    rm -f "$1.port"
    began=${EPOCHREALTIME/[.,]/}
    "$build/bin/netbootd" --config "$1" --port-file "$1.port" 2>>"$scratch/log" &
    netbootd=$!
    processes+=("$netbootd")
    # Polls more often than wait_until, since the time is measured.
    until [ -s "$1.port" ]; do
        if ! kill -0 "$netbootd" 2>/dev/null || [ $((${EPOCHREALTIME/[.,]/} - began)) -gt 60000000 ]; then
            tail -n 5 "$scratch/log" | indent
            fail 1 "netbootd does not start"
        fi
        sleep 0.002
    done
    start_us=$((${EPOCHREALTIME/[.,]/} - began))
    port=$(<"$1.port")
}

# load_script NAME: writes a script for wrk from stdin, which prints its figures at its end.
load_script() {
    cat - >"$scratch/$1.lua" <(cat <<'LUA'
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format('{"rate": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": %d}\n',
        summary.requests * 1e6 / summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
LUA
    )
}
# load NAME PORT CONNECTIONS SECONDS ARGUMENT...: prints a line of JSON.
load() {
    local name=$1 port=$2 connections=$3 seconds=$4
    shift 4
    wrk --threads 1 --connections "$connections" --duration "${seconds}s" --timeout 5s --script "$scratch/$name.lua" \
        "http://127.0.0.1:$port/" -- "$@" | grep '^{'
}

# Prints the memory of a process and its descendants, in MiB.
memory_mib() {
    local pid
    for pid in "$1" $(cat "/proc/$1/task/$1/children"); do cat "/proc/$pid/smaps_rollup" 2>/dev/null || true; done |
        awk -v kind="${2:-Rss}" '$1 == kind ":" { kib += $2 } END { printf "%.1f", kib / 1024 }'
}
# Prints the CPU seconds of a process and its descendants, including ended ones.
cpu_s() {
    local pid
    for pid in "$1" $(cat "/proc/$1/task/$1/children"); do cat "/proc/$pid/stat" 2>/dev/null || true; done |
        awk -v own="$1" -v hz="$(getconf CLK_TCK)" '{
            pid = $1; sub(/.*\) /, "")
            ticks += $12 + $13 + (pid == own ? $14 + $15 : 0)
        } END { printf "%.2f", ticks / hz }'
}
# Prints the machine's load before the measurement, and its cores, for readers of the figures.
machine_json() { jq -n --arg load "$(cut -d ' ' -f 1 /proc/loadavg)" --argjson cores "$(nproc)" '{load_before: ($load | tonumber), cores: $cores}'; }
readonly median_filter='def median: sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2;'
