# shellcheck shell=bash disable=SC2154 # root is the bench's
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Shared by benches on virtual bare metal: a data centre with one server, and rounds of sessions. Uses $root and usage of the
# bench, which defines `round NUMBER`: it writes $state/round-NUMBER, one phase a line: name, tab, seconds.

# shellcheck source=../../deploy/lab/lib/lab.sh
source "$root/deploy/lab/lib/lab.sh"

chain_options() {
    cat <<'HELP'
  --firmware NAME      uefi (default) or bios
  --rounds N           sessions, one after the other (default 3)
  --build DIR          the programs (default: build/dev)
  --image DIR          the rescue image (default: build/standin/bios)
  --rescue-system DIR  (default: build/rescue-system)
  --own-system DIR     (default: build/own-system)
  --json               medians and all rounds as JSON on stdout
HELP
}

parse_arguments() {
    firmware=uefi rounds=3 build=$root/build/dev image=$root/build/standin/bios json=no public_key=''
    rescue_system=$root/build/rescue-system own_system=$root/build/own-system
    while [ $# -gt 0 ]; do
        case $1 in
            --json) json=yes && shift && continue ;;
            --help | -h) usage && exit 0 ;;
            --firmware | --rounds | --build | --image | --rescue-system | --own-system) ;;
            *) fail 2 "unknown option '$1' (see --help)" ;;
        esac
        [ $# -ge 2 ] || fail 2 "$1 needs a value (see --help)"
        local option=${1#--}
        printf -v "${option//-/_}" %s "$2"
        shift 2
    done
    one_of "$firmware" --firmware uefi bios
}

end() {
    local code=$?
    trap - EXIT ERR
    [ "$code" = 0 ] || show_logs
    lab_down '' || code=1
    exit "$code"
}

seconds_of() { date --date "$1" +%s.%3N; }

# phase NAME FROM TO
phase() { awk -v name="$1" -v from="$2" -v to="$3" 'BEGIN { printf "%s\t%.2f\n", name, to - from }'; }

median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

table() {
    local name
    printf '%-32s %10s\n' phase 'median s'
    cut -f 1 "$state/round-1" | while IFS= read -r name; do
        printf '%-32s %10s\n' "$name" "$(sed -n "s/^$name\t//p" "$state"/round-* | median)"
    done
}

# run_rounds OPTION...: the whole bench.
run_rounds() {
    local number
    parse_arguments "$@"
    require_root
    state=/run/rescue-lab/bench-chain
    trap end EXIT
    lab_up datacentre
    trap end EXIT
    add_server "$server_name" "$firmware" 2 7168 "$own_system"
    register_server "$server_name" "$firmware" >/dev/null
    for ((number = 1; number <= rounds; number++)); do round "$number"; done
    if [ "$json" = yes ]; then
        jq --null-input --raw-input --arg firmware "$firmware" \
            '{firmware: $firmware, rounds: [inputs | split("\t") | {phase: .[0], seconds: (.[1] | tonumber)}]
                | group_by(.phase) | map({phase: .[0].phase, seconds: map(.seconds),
                    median: (map(.seconds) | sort | .[(length - 1) / 2 | floor])})}' "$state"/round-*
    else
        table
    fi
}
