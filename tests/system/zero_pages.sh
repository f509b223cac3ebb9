# SPDX-License-Identifier: Apache-2.0
# Zero pages in use are given back, and no write is lost.

# From the line "drops 100003 writes 384297 lost 0 blocks 549 damaged 0".
hammer_figure() { sed -n "s/.*$1 \([0-9]*\).*/\1/p" <<<"$output"; }

hammer() {
    status_of hv_run --memory 64M "$images/hammer.elf" -- 100000
    expect "exit code" "$status" 0
    contains "output" "$output" " lost 0 "
    contains "output" "$output" " damaged 0"
    # Otherwise the case would prove nothing.
    [ "$(hammer_figure drops)" -ge 100000 ]
    [ "$(hammer_figure writes)" -ge 10000 ]
    [ "$(hammer_figure blocks)" -ge 10 ]
}
test_case "hammer: of 100,000 pages that were dropped under writers, no write is lost" hammer

blind_hammer() {
    status_of hv_run --memory 64M "$images/hammer.elf" -- 100000 unsafe
    expect "exit code" "$status" 1
    [ "$(hammer_figure lost)" -gt 0 ]
}
test_case "hammer: without the safety it sees writes that are lost" blind_hammer

balloon_hammer() {
    "$hv" run --run-dir "$RUN" --accel pv --name hammered --memory 64M "$images/hammer.elf" -- 400000 \
        >hammered.out 2>&1 </dev/null &
    machine=$!
    local rounds=0
    while kill -0 "$machine" 2>/dev/null; do
        # Fails when the machine has ended.
        "$hv" balloon --run-dir "$RUN" hammered "$((rounds % 2 * 24))M" --wait --timeout 1 >/dev/null 2>&1 || true
        rounds=$((rounds + 1))
    done
    status=0
    wait "$machine" || status=$?
    expect "exit code" "$status" 0
    contains "output" "$(<hammered.out)" " lost 0 "
    [ $rounds -ge 4 ]
}
test_case "hammer: nor while the balloon is inflated and deflated" balloon_hammer

without_device() {
    status_of hv_run --private-memory --memory 64M "$images/hammer.elf" -- 10
    expect "exit code" "$status" 2
    contains "output" "$output" "no balloon device that takes zero pages in use"
}

# memory_of NAME FIELD
memory_of() { "$hv" memory --run-dir "$RUN" "$1" --json | jq "$2"; }

by_itself() {
    start zeros --memory 256M --kernel-options "zero.delay=1 zero.pages=1000000 zero.cpu=500" "$behave" -- zeros 64
    shared() { [ "$(memory_of zeros .zero_shared_bytes)" -ge $((60 << 20)) ]; }
    poll 30 shared
    [ "$(memory_of zeros .guest_resident_bytes)" -lt $((16 << 20)) ]
    stop "$machine"
}
test_case "zero pages in use are found and given back without being asked" by_itself

on_request() {
    start asked --memory 256M --kernel-options "zero.delay=3600" "$behave" -- zeros 64
    [ "$(memory_of asked .guest_resident_bytes)" -ge $((60 << 20)) ]
    "$hv" reclaim --run-dir "$RUN" asked
    small() { [ "$(memory_of asked .guest_resident_bytes)" -lt $((16 << 20)) ]; }
    poll 30 small
    stop "$machine"
}
test_case "hv reclaim gives zero pages back at once" on_request

switched_off() {
    start off --memory 128M --kernel-options "zero=off balloon.report_delay=3600000" "$behave" -- zeros 32
    "$hv" reclaim --run-dir "$RUN" off
    reported() { [ "$(memory_of off .counters.pages_reported)" -gt 0 ]; }
    poll 20 reported
    expect "pages dropped" "$(memory_of off .counters.pages_dropped)" 0
    [ "$(memory_of off .guest_resident_bytes)" -ge $((30 << 20)) ]
    stop "$machine"
}
test_case "zero=off leaves zero pages alone" switched_off

wrong_option() {
    status_of hv_run --kernel-options "zero.cpu=1001" "$behave" -- exit 3
    expect "exit code" "$status" 3
    contains "output" "$output" "zero.cpu=1001: not a number from 0 to 1000"
}
test_case "a wrong option of the zero-page agent is named, and the default taken" wrong_option
