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

# frames_of_throw TEXT FUNCTION: the innermost frames are those of the throw, in this order, with demangled names.
frames_of_throw() {
    local frames
    # The compiler may put the throw into a part of its function, which is named a clone.
    frames=$(sed -n 's/^  \(at\|by\) 0x[0-9a-f]*  \(.*\)+0x[0-9a-f]*$/\2/p' <<<"$1" | sed 's/ \[clone .cold\]$//' |
        grep -A 2 -F 'shelf::take(')
    expect "frames" "$frames" "shelf::take(std::vector<int, std::allocator<int> > const&, unsigned long)
shelf::$2(std::vector<int, std::allocator<int> > const&, std::basic_string_view<char, std::char_traits<char> >)
throw_from(char const*)"
    expect "how often the reason is there" "$(grep -c 'nobody catches this' <<<"$1")" 1
    contains "reason" "$1" "crashed: panic: uncaught exception of type std::runtime_error: nobody catches this"
}
frames_of_exceptions() {
    local where function
    for where in plain noexcept; do
        function=look
        if [ $where = noexcept ]; then function=look_without_exceptions; fi
        status_of hv_run "$behave" -- throw $where
        expect "exit code" "$status" 107
        frames_of_throw "$output" $function
        detach thrown "$behave" -- throw $where
        status_of hv_at wait thrown
        frames_of_throw "$(<"$RUN/thrown/crash.txt")" $function
        expect "lines that crash.txt repeats" "$(grep . "$RUN/thrown/crash.txt" | sort | uniq -d)" ""
        # The console's log has the report, too.
        frames_of_throw "$(hv_at logs thrown)" $function
        hv_at rm thrown
    done
}
test_case "an uncaught exception shows the frames of its throw once, on the console and in crash.txt" \
    frames_of_exceptions

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
