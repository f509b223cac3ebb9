# SPDX-License-Identifier: Apache-2.0
# Handlers of a program: called in time, and reported when they exceed their limit.

resume_handler() {
    detach resumed "$behave" -- resume well
    local round
    for round in 1 2 3; do
        hv_at pause resumed
        hv_at resume resumed
        poll 10 has_line resumed "^resumed $round"
    done
    expect "jumps" "$(hv_at logs resumed | grep -c '^resumed')" 3
    expect "jumps that were none" "$(hv_at logs resumed | grep -c 'did not jump' || true)" 0
    hv_at resume resumed  # it is not paused: nothing jumps
    hv_at stop resumed
    expect "exit code" "$(field resumed exit_code)" 0
    expect "jumps at the end" "$(hv_at logs resumed | grep -c '^resumed')" 3
}
test_case "a program's handler is called after each pause, while the program computes" resume_handler

resume_handler_is_late() {
    detach late "$behave" -- resume late
    hv_at pause late
    hv_at resume late
    poll 10 has_line late "the program's resume handler takes longer than its time limit"
    # Pauses during the call are followed by one more call.
    hv_at pause late
    hv_at resume late
    hv_at pause late
    hv_at resume late
    poll 10 has_line late '^resumed 2'
    hv_at stop late
    expect "exit code" "$(field late exit_code)" 0
    expect "calls" "$(hv_at logs late | grep -c '^resumed')" 2
}
test_case "a resume handler that takes longer than its limit is told on the console" resume_handler_is_late

shutdown_handler_hangs() {
    start hanging --kernel-options shutdown.limit=300 "$behave" -- hang
    stop "$machine" INT
    expect "exit code" "$status" 1
    contains "what the user sees" "$(<hanging.out)" "the program's shutdown handler takes longer than its time limit"
    expect "calls" "$(grep -c '^hanging' hanging.out)" 1
    start wrong --kernel-options shutdown.limit=soon "$behave" -- hang
    kill -INT "$machine"
    poll 10 grep -q "kernel option shutdown.limit=.*: not a number" wrong.out
    kill -KILL "$machine"
}
test_case "a shutdown handler that does not come back ends with the machine" shutdown_handler_hangs

# A request during the call is the same request: by the socket first, then by the agent.
shutdown_is_asked_twice() {
    detach twice --kernel-options shutdown.limit=1500 "$behave" -- hang
    poll 20 test -S "$RUN/twice/agent.sock"
    "$hv" agent --run-dir "$RUN" twice guest-shutdown
    "$hv" agent --run-dir "$RUN" twice guest-shutdown || true
    hv_at wait twice || true
    expect "calls" "$(hv_at logs twice | grep -c '^hanging')" 1
    expect "exit code" "$(field twice exit_code)" 1
}
test_case "a shutdown that is asked for again is the same shutdown" shutdown_is_asked_twice

pressure_handler_is_late() {
    start short "$behave" -- short
    poll 20 grep -q "the program's memory pressure handler takes longer than 5 s" short.out
    poll 20 grep -q "gave nothing back" short.out
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a memory pressure handler that takes too long is told on the console" pressure_handler_is_late
