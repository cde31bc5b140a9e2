# shellcheck shell=bash
# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Counts the results of tests, and prints a summary.

failed_parts=() skips=() times=()
kinds=()
declare -A ran_of=() failed_of=() skipped_of=()
total_ran=0 total_failed=0 total_skipped=0

part_failed() { failed_parts+=("$1"); }
part_took() { times+=("$(printf '%8s s  %s' "$(seconds_text "$2")" "$1")"); }

# add_counts KIND RAN FAILED SKIPPED
add_counts() {
    [ -n "${ran_of[$1]+known}" ] || kinds+=("$1")
    ran_of[$1]=$((${ran_of[$1]:-0} + $2))
    failed_of[$1]=$((${failed_of[$1]:-0} + $3))
    skipped_of[$1]=$((${skipped_of[$1]:-0} + $4))
    total_ran=$((total_ran + $2)) total_failed=$((total_failed + $3)) total_skipped=$((total_skipped + $4))
}
counts_of() { printf '%-12s %4d ran, %d failed, %d skipped' "$1" "${ran_of[$1]}" "${failed_of[$1]}" "${skipped_of[$1]}"; }

# Prints the names of test cases with state $2 in a JUnit file of ctest.
junit_names() {
    sed -n 's/^.*<testcase name="\([^"]*\)".* status="'"$2"'".*/\1/p' "$1"
}

# Prints "name: reason" of skipped tests. GoogleTest prints the reason on the line after "...: Skipped".
junit_skips() {
    awk '
        /<testcase / { name = $0; sub(/.*<testcase name="/, "", name); sub(/".*/, "", name); skipped = 0; reason = "" }
        /<skipped/ { skipped = 1 }
        take { reason = $0; take = 0 }
        /: Skipped *$/ { take = 1 }
        /<\/testcase>/ { if (skipped) print name ": " (reason == "" ? "no reason given" : reason) }' "$1" | plain_text
}

# Prints of each failed test what GoogleTest says of its failures; the end of its output if it says nothing (a crash, a time
# limit).
junit_failures() {
    awk '
        function tell(   i) {
            for (i = 1; i <= told; i++) print "  " failures[i]
            for (i = (total > 40 ? total - 39 : 1); told == 0 && i <= total; i++) print "  " last[i % 40]
        }
        /<testcase / {
            failed = /status="fail"/; told = total = after = 0; name = $0
            sub(/.*<testcase name="/, "", name); sub(/".*/, "", name)
            if (failed) print "FAILED: " name
        }
        failed && /<system-out>/ { sub(/.*<system-out>/, ""); shown = 1 }
        /<\/system-out>/ { if (failed && shown) tell(); shown = 0 }
        !failed || !shown { next }
        { line = substr($0, 1, 400); last[++total % 40] = line }
        /: Failure *$|unknown file: Failure/ { after = 10 }
        after-- > 0 && told < 40 { failures[++told] = line }' "$1" | plain_text
}
plain_text() { sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&apos;/'"'"'/g; s/&amp;/\&/g'; }

# count_junit KIND FILE: fails if a test failed or none ran.
count_junit() {
    local kind=$1 file=$2 ran failed skipped line
    [ -s "$file" ] || { complain "no results of $kind" && return 1; }
    failed=$(junit_names "$file" fail | wc -l)
    ran=$(($(junit_names "$file" run | wc -l) + failed))
    skipped=$(junit_names "$file" notrun | wc -l)
    while IFS= read -r line; do [ -z "$line" ] || skips+=("$line"); done < <(junit_skips "$file")
    add_counts "$kind" "$ran" "$failed" "$skipped"
    say "$(counts_of "$kind")"
    junit_failures "$file" | indent
    [ "$failed" = 0 ] && [ "$ran" -gt 0 ]
}

# count_script KIND NAME EXIT-CODE LOG MICROSECONDS
count_script() {
    local kind=$1 name=$2 code=$3 log=$4 took=$5
    case $code in
        0)
            add_counts "$kind" 1 0 0
            good "ok: $name, in $(seconds_text "$took") s"
            ;;
        77)
            add_counts "$kind" 0 0 1
            skips+=("$name: $(tail -n 1 "$log" | sed 's/^skip: //')")
            say "skipped: $name"
            ;;
        *)
            add_counts "$kind" 1 1 0
            complain "$name failed (exit code $code); its log: $log"
            # Prints errors first, then the end: logs of the lab are long.
            grep --text --before-context 5 --max-count 5 'error:' "$log" | indent
            tail -n 40 "$log" | indent
            return 1
            ;;
    esac
}

# Fails if a test or a part failed.
summary() {
    local line
    section "Summary"
    for line in "${times[@]}"; do say "$line"; done
    for line in "${kinds[@]}"; do say "$(counts_of "$line")"; done
    say "$total_ran tests ran, $total_failed failed, $total_skipped skipped"
    for line in "${skips[@]}"; do say "skipped: $line"; done
    if [ "$total_failed" = 0 ] && [ ${#failed_parts[@]} = 0 ]; then
        good "all passed"
        return 0
    fi
    for line in "${failed_parts[@]}"; do complain "failed: $line"; done
    return 1
}
