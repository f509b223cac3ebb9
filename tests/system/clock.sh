# SPDX-License-Identifier: Apache-2.0
# Right time: the guest's clocks beside the host's at the same TSC values, also after pauses, and never a step back.

# compare_clocks SECONDS NAME ARGUMENTS...: a machine in the foreground whose program's samples are compared for so
# long; the result is in the file `compared`.
compare_clocks() {
    local name=$2
    [ -p samples ] || mkfifo samples
    "$root/build/tests/clock" compare "$1" <samples >compared &
    comparison=$!
    "$hv" run --run-dir "$RUN" --accel pv --name "$name" --boot-report "${@:3}" >samples 2>"$name.err" </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' "$name.err"
}
# below_limits: every span's errors, median and worst, and those at the first reading after each pause. At the
# same TSC it does not matter how busy the machine is; the bounds are a thousandth of the pause, the errors are some
# tens of ns.
below_limits() {
    cat compared
    awk '$1 == "span" && ($4 < 10 || $6 > 100000 || $7 > 1500000 || $9 > 100000 || $10 > 1500000) { bad = 1 }
         $1 == "jump" && ($4 < 0 || $4 > 300000000 || $6 > 1500000) { bad = 1 }
         END { exit bad }' compared
}

clocks_agree() {
    local begin
    compare_clocks 4 agreeing "$behave" -- clock 5
    begin=$(now_ms)
    poll 10 passed_ms "$begin" 700
    hv_at pause agreeing
    begin=$(now_ms)
    poll 10 passed_ms "$begin" 1500
    hv_at resume agreeing
    wait "$comparison"
    below_limits
    expect "spans" "$(grep -c ^span compared)" 2
    expect "jumps" "$(grep -c ^jump compared)" 1
    stop "$machine"
}
test_case "the guest's clocks are the host's, also right after a pause, and monotonic time stands still in it" \
    clocks_agree

wrong_clocks_are_found() {
    compare_clocks 2 wrong --kernel-options hostname=wrong "$behave" -- clock 5
    poll 20 test -S "$RUN/wrong/agent.sock"
    # A second ahead.
    "$hv" agent --run-dir "$RUN" wrong guest-set-time "{\"time\":$(($(date +%s%N) + 1000000000))}"
    wait "$comparison"
    not below_limits
    stop "$machine"
}
test_case "a guest's clock that is set wrong is found to be wrong" wrong_clocks_are_found

# Waits for a time of the wall clock follow it; see behave/clock.cpp.
waits_follow() {
    start_agent waits "$behave" -- wall-clock-waits 3600
    poll 20 grep -q '^waiting' waits.out
    agent waits guest-set-time "{\"time\":$((($(date +%s) + 7200) * 1000000000))}"
    poll 20 grep -q '^reached' waits.out
    expect "waits by the monotonic clock that ended" "$(grep -c '^monotonic' waits.out || true)" 0
    stop "$machine"
}
test_case "a wait for a time of the wall clock ends when the agent sets the clock beyond it" waits_follow

# The time that the guest spends waiting, by its monotonic clock, is less than the wait is long: the pause counts.
pauses_count() {
    start_agent paused-waits "$behave" -- wall-clock-waits 5
    poll 20 grep -q '^waiting' paused-waits.out
    hv_at pause paused-waits
    local begin
    begin=$(now_ms)
    poll 20 passed_ms "$begin" 5500
    not grep -q '^reached' paused-waits.out
    hv_at resume paused-waits
    poll 20 grep -q '^reached' paused-waits.out
    cat paused-waits.out
    local waited
    waited=$(sed -n 's/^reached after \([0-9]*\) ms.*/\1/p' paused-waits.out)
    between "monotonic ms that the wait took" "$waited" 0 4999
    stop "$machine"
}
test_case "a pause counts for a wait for a time of the wall clock, which ends right after it" pauses_count

never_back() {
    start_agent steps "$behave" -- clock-steps 31
    # Refreshes of the page while it reads: the first three are there after a good second.
    poll 20 refreshed steps 3
    local i
    for i in $(seq 31); do
        hv_at pause steps
        hv_at resume steps
        # Forwards and backwards: the monotonic clock is none of its business.
        [ $((i % 5)) != 0 ] || agent steps guest-set-time "{\"time\":$(((i % 2 ? 1 : 2) * 1000000000000000000))}" \
            >/dev/null
        # Two jumps between two looks would count as one.
        poll 10 jumps_seen "$i"
    done
    wait "$machine"
    cat steps.out
    contains "what was counted" "$(tail -n 1 steps.out)" " 0 steps back, 31 jumps"
    [ "$(tail -n 1 steps.out | cut -d' ' -f1)" -ge 1000000 ]
}
jumps_seen() { [ "$(grep -c '^jump' steps.out)" -ge "$1" ]; }
refreshed() { [ "$("$hv" stat --run-dir "$RUN" --json "$1" | jq .clock.refreshes)" -ge "$2" ]; }
test_case "the monotonic clock never steps back: while it is refreshed, over pauses, and when the wall clock is set" \
    never_back
