# SPDX-License-Identifier: Apache-2.0
# Memory that a guest gives back: by itself, into its balloon, and on request; and the host's figures.

# hold NAME MIB [OPTIONS...]: a machine whose program holds memory full of ones, and follows tell_holder()'s commands.
hold() {
    local name=$1 size=$2
    shift 2
    mkfifo "$name.in"
    exec {input}<>"$name.in"
    "$hv" run --run-dir "$RUN" --accel pv --name "$name" --boot-report "$@" "$behave" -- hold "$size" \
        >"$name.out" 2>"$name.err" <"$name.in" &
    machine=$!
    poll 20 grep -q '^hv: boot' "$name.err" || { cat "$name.err" >&2; return 1; }
}
# tell_holder NAME WHAT: and waits until it is done.
tell_holder() {
    local before
    before=$(grep -c "^done: $2\$" "$1.out" || true)
    echo "$2" >&"$input"
    poll 20 told "$1" "$2" "$before"
}
told() { [ "$(grep -c "^done: $2\$" "$1.out" || true)" -gt "$3" ]; }

at_least() { [ "$(memory_field "$1" "$2")" -ge "$3" ]; }
at_most() { [ "$(memory_field "$1" "$2")" -le "$3" ]; }
mib=$((1 << 20))

describes_memory() {
    start plain --memory 32M "$behave" -- wait
    expect "configured" "$(memory_field plain configured_bytes)" $((32 * mib))
    [ "$(memory_field plain resident_bytes)" -gt 0 ]
    [ "$(memory_field plain proportional_bytes)" -gt 0 ]
    expect "swapped" "$(memory_field plain 'swapped_bytes | type')" '"number"'
    expect "processes" "$(memory_field plain 'processes[0]')" "$machine"
    expect "the guest's process" "$(memory_field plain 'processes[1]')" "$(pgrep -P "$machine")"
    contains "table" "$("$hv" memory --run-dir "$RUN" plain)" "32.0 MiB"
    expect "counters" "$(memory_field plain 'counters | has("pages_scanned")')" true
    expect "statistics" "$(get plain /stats | jq 'has("guest_memory") and (.balloon | has("pages_inflated"))')" true
    # Reading requests new figures, which come a moment later.
    poll 10 has_statistics plain
    local total
    total=$(memory_field plain guest.total_bytes)
    between "total memory" "$total" 1 $((32 * mib))
    stop "$machine"
    expect "exit code" "$status" 0
}
has_statistics() { [ "$(memory_field "$1" guest)" != null ]; }
test_case "hv memory says where a machine's memory is" describes_memory

# left_by NAME SIZE LEAST: a machine of SIZE leaves its program at least LEAST, both in MiB.
left_by() {
    start "$1" --memory "$2M" "$behave" -- wait
    memory_field "$1" guest >/dev/null
    poll 10 has_statistics "$1"
    between "MiB that $2 MiB leave" $(($(memory_field "$1" guest.total_bytes) >> 20)) "$3" "$2"
    stop "$machine"
    forget "$1" || true
}
leaves_the_program() {
    left_by smallest 8 3
    left_by small 16 11
    left_by usual 64 57
    left_by large 256 236
    # What is there can be had.
    expect "of 64 MiB, taken in pieces of 1 MiB" \
        "$(hv_run --memory 64M "$behave" -- memory | awk '$1 == "took" { print ($2 >= 55) }')" 1
}
test_case "a machine of 64 MiB leaves its program 57, and others in proportion" leaves_the_program

freed() {
    hold freed 24 --memory 128M
    local before
    before=$(memory_field freed guest_resident_bytes)
    [ "$before" -ge $((24 * mib)) ]
    tell_holder freed free
    "$hv" reclaim --run-dir "$RUN" freed
    # Of the 24 MiB more than 16 are gone from the guest's process.
    poll 20 at_most freed guest_resident_bytes $((before - 16 * mib))
    at_least freed reported_bytes $((16 * mib))
    echo end >&"$input"
    wait "$machine"
}
test_case "memory that a program frees goes back to the host" freed

inflates() {
    start inflates "$behave" -- wait
    expect "at first" "$(balloon inflates)" "target 0 B, actual 0 B"
    expect "CLI" "$(balloon inflates 24M --wait)" "target 24.0 MiB, actual 24.0 MiB"
    expect "ballooned" "$(memory_field inflates ballooned_bytes)" $((24 * mib))
    expect "API, larger" "$(patch inflates /balloon '{"amount_mib": 32}')" 204
    poll 20 at_least inflates ballooned_bytes $((32 * mib))
    expect "asked for" "$(get inflates /balloon | jq .amount_mib)" 32
    expect "statistics" "$(get inflates /balloon/statistics | jq '.target_mib == 32 and .actual_pages == 8192')" true
    expect "API, none" "$(patch inflates /balloon '{"amount_mib": 0}')" 204
    poll 20 at_most inflates ballooned_bytes 0
    # More than the guest can spare: it stops before it runs out, and hv says so.
    status_of balloon inflates 64M --wait --timeout 1
    expect "exit code of a wait in vain" "$status" 108
    contains "reason" "$output" "has not reached its size"
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a balloon takes the size that is asked for, and gives it back" inflates

refuses_memory() {
    start refuses "$behave" -- wait
    local path body
    while read -r path body; do
        expect "$path $body" "$(patch refuses "$path" "$body")" 400
    done <<'EOF'
/balloon {}
/balloon {"amount_mib": -1}
/balloon {"amount_mib": 65}
/balloon {"amount_mib": 1.5}
/balloon {"amount_mib": "8"}
/balloon {"amount_mib": 8, "deflate_on_oom": true}
/balloon [8]
/balloon {"amount_mib": 8
/balloon/statistics {}
/balloon/statistics {"stats_polling_interval_s": 65536}
/balloon/hinting/start {"acknowledge_on_stop": 1}
/balloon/hinting/stop {"now": true}
EOF
    while read -r path body; do
        expect "$path $body" "$(put refuses "$path" "$body")" 400
    done <<'EOF'
/balloon {"amount_mib": 8, "deflate_on_oom": true}
/memory/page-out {}
/memory/page-out {"bytes": 0}
/memory/page-out {"bytes": 68719476736}
/memory/page-out {"bytes": 4096, "fast": true}
/memory/reclaim {"all": true}
/memory/reclaim 7
EOF
    contains "reason" "$(curl --silent --unix-socket "$RUN/refuses/api.sock" --request PATCH \
        --data '{"amount_mib": 65}' http://localhost/balloon)" "amount_mib"
    expect "wrong method" "$(code_of refuses /memory --request DELETE)" 405
    expect "nothing happened" "$(get refuses /balloon | jq .amount_mib)" 0
    local size
    for size in 65M 1K -1 much 18446744073709551615; do
        status_of balloon refuses -- "$size"
        expect "exit code with $size" "$status" 100
    done
    for size in memory balloon reclaim; do
        status_of "$hv" "$size" --run-dir "$RUN" nobody
        expect "exit code of $size without a machine" "$status" 101
    done
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "wrong requests about memory are refused" refuses_memory

hints() {
    # Without reporting, because memory that was given back already need not be hinted.
    local balloon='"amount_mib": 0, "deflate_on_oom": true, "free_page_reporting": false'
    cat >machine.json <<EOF
{"boot-source": {"kernel_image_path": "$behave"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 128}, "balloon": {$balloon}}
EOF
    hold hints 24 --config machine.json
    tell_holder hints free
    expect "start" "$(patch hints /balloon/hinting/start '{"acknowledge_on_stop": true}')" 204
    poll 20 hinting_is_over hints
    [ "$(get hints /stats | jq .balloon.pages_hinted)" -gt 0 ]
    expect "stop" "$(patch hints /balloon/hinting/stop '')" 204
    expect "interval" "$(patch hints /balloon/statistics '{"stats_polling_interval_s": 1}')" 204
    expect "interval" "$(get hints /balloon | jq .stats_polling_interval_s)" 1
    echo end >&"$input"
    wait "$machine"
}
hinting_is_over() { [ "$(get "$1" /balloon/hinting/status | jq '.host_cmd == 1 and .guest_cmd == 0')" = true ]; }
test_case "a guest names its free pages when it is asked to" hints

no_balloon() {
    start bare --no-balloon "$behave" -- wait
    expect "balloon" "$(code_of bare /balloon)" 400
    expect "ballooned" "$(memory_field bare ballooned_bytes)" 0
    expect "guest" "$(memory_field bare guest)" null
    status_of balloon bare 8M
    expect "exit code" "$status" 100
    contains "reason" "$output" "no balloon"
    stop "$machine"
}
test_case "a machine without a balloon" no_balloon

configured() {
    local balloon='"amount_mib": 16, "deflate_on_oom": false, "free_page_hinting": false, "stats_polling_interval_s": 2'
    cat >machine.json <<EOF
{"boot-source": {"kernel_image_path": "$behave", "boot_args": "-- wait"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 64}, "balloon": {$balloon}}
EOF
    start configured --config machine.json
    poll 20 at_least configured ballooned_bytes $((16 * mib))
    local expected='{"amount_mib":16,"deflate_on_oom":false,"stats_polling_interval_s":2'
    expected+=',"free_page_hinting":false,"free_page_reporting":true}'
    expect "configuration" "$(get configured /balloon | jq -c .)" "$expected"
    expect "hinting" "$(patch configured /balloon/hinting/start '')" 400
    stop "$machine"
    status_of hv_run --config machine.json --memory 8M
    expect "a balloon larger than the machine" "$status" 100
}
test_case "a balloon is configured in the configuration file" configured

pages_out() {
    hold swaps 16
    expect "page-out" "$(put swaps /memory/page-out "{\"bytes\": $((8 * mib))}")" 204
    poll 20 paged_out swaps
    # No data is lost, whether the host has swap or not.
    tell_holder swaps check
    contains "memory" "$(<swaps.out)" "ones: $((16 * mib)) of $((16 * mib))"
    echo end >&"$input"
    wait "$machine"
}
paged_out() { [ "$(memory_field "$1" counters.pages_paged_out)" -gt 0 ]; }
test_case "a guest has its memory written to the host's swap" pages_out

killed_inflating() {
    start inflating --memory 4G "$behave" -- wait
    local guest
    guest=$(pgrep -P "$machine")
    balloon inflating 2G
    poll 20 at_least inflating ballooned_bytes 1
    kill -KILL "$machine"
    wait "$machine" || true
    poll 5 gone "$guest"
    start inflating "$behave" -- wait
    expect "a new machine's balloon" "$(balloon inflating)" "target 0 B, actual 0 B"
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "hv killed while a balloon inflates leaves nothing" killed_inflating
