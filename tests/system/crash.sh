# SPDX-License-Identifier: Apache-2.0
# Guests that end badly: a reason, registers, a backtrace with names, and a code of its own.

crashes() {
    local part=$1
    shift
    status_of hv_run "$behave" -- "$@"
    expect "exit code" "$status" 107
    contains "report" "$output" "$part"
}
test_case "abort() is reported" crashes "abort()" abort
test_case "an uncaught exception is reported with its message" \
    crashes "uncaught exception of type std::runtime_error: nobody catches this" throw
test_case "a stray pointer is reported with its address" crashes "address 0x1234" fault
test_case "a stack overflow is reported as one" crashes "stack overflow in thread 'main'" overflow
test_case "the backtrace names functions" crashes "main_thread" abort
test_case "registers are shown" crashes "rip 0000010000" fault

killed_outside() {
    detach shot "$behave" -- orderly
    local guest
    guest=$(pgrep -P "$(pgrep -P "$(supervisor_of shot)")" tenon-guest)
    kill -KILL "$guest"
    poll 20 state_is shot ended
    expect "exit code" "$(field shot exit_code)" 107
    contains "reason" "$(field shot reason)" "the guest's process was killed by signal 9"
    contains "report" "$(<"$RUN/shot/crash.txt")" "the guest's process was killed by signal 9"
    hv_at rm shot
    # In the foreground, and with what it had said.
    "$hv" run --run-dir "$RUN" --accel pv --name said "$behave" -- stuck agent >said.out 2>&1 </dev/null &
    local foreground=$!
    poll 20 grep -q hanging said.out
    kill -KILL "$(pgrep -P "$foreground" tenon-guest)"
    status=0
    wait "$foreground" || status=$?
    expect "exit code" "$status" 107
    contains "what it says" "$(<said.out)" "crashed: the guest's process was killed by signal 9"
}
test_case "a guest whose process is killed from outside has crashed, with that reason" killed_outside

last_words() {
    detach words "$behave" -- stuck agent
    poll 20 eval 'hv_at logs words | grep -q hanging'
    kill -KILL "$(pgrep -P "$(pgrep -P "$(supervisor_of words)")" tenon-guest)"
    poll 20 state_is words ended
    contains "report" "$(<"$RUN/words/crash.txt")" $'last lines:\nhanging'
    expect "reports: none among the last lines" "$(grep -c '^hv: machine .words. crashed' "$RUN/words/crash.txt")" 1
    contains "event" "$(hv_at events --json words | jq -r 'select(.event == "crashed").reason')" "signal 9"
}
test_case "its report has the console's last lines" last_words
test_case "crashes leave nothing behind" nothing_left
