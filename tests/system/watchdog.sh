# SPDX-License-Identifier: Apache-2.0
# Guests that hang, and guests that only seem to.

# watched ARGUMENTS...: a machine that is looked at, until it ends.
watched() { hv_run --watchdog 0.4 "$@"; }
# start_watched NAME ARGUMENTS...: one in the background whose program has said that it is ready.
start_watched() { start "$1" --watchdog 0.4 "${@:2}"; }
runs() { [ "$("$hv" stat --run-dir "$RUN" --json "$1" | jq -r .machine.state)" = Running ]; }

hangs() {
    status_of watched "$behave" -- stuck "$1"
    expect "exit code" "$status" 107
    contains "reason" "$output" "$2"
    contains "registers" "$output" "rip 0000010000"
    contains "backtrace" "$output" "$3"
}
test_case "a guest that spins with interrupts masked is hung: no tick" hangs masked "hung: no tick for" \
    hang_with_interrupts_masked
test_case "its backtrace goes up to main" hangs masked "hung: no tick for" "  main+"
test_case "a guest whose agent does not run any more is hung: no answer" hangs agent \
    "hung: its agent has not answered for" \
    silence_agent

# The hung guest cannot be asked to end: it takes the second interrupt.
unwatched() {
    start alone "$behave" -- stuck masked
    poll 20 uses_cpu alone 1500000000
    runs alone
    kill -INT "$machine"
    poll 10 grep -q 'asked to shut down' alone.err
    stop "$machine"
    expect "exit code" "$status" 108
}
test_case "without --watchdog nobody looks" unwatched

# Three limits of the guest's own time.
spins_on() {
    start_watched spinning "$behave" -- spin
    poll 20 uses_cpu spinning 1200000000
    runs spinning
    [ "$(counter spinning .watchdog.questions)" -gt 2 ]
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a program that never stops computing is not hung" spins_on

# Its kernel is never asked, as hv sees that it waits; its agent is, twice in each limit, for a few events each time.
idles() {
    start_watched idle "$behave" -- wait
    poll 20 uptime_is idle 1000000000
    local questions events
    questions=$(counter idle .watchdog.questions)
    events=$(counter idle '.events.wakes + .events.kicks')
    poll 20 uptime_is idle 5000000000
    questions=$(($(counter idle .watchdog.questions) - questions))
    events=$(($(counter idle '.events.wakes + .events.kicks') - events))
    echo "in 4 s: $questions questions, $events events"
    between "questions in 4 s" "$questions" 5 21
    between "events in 4 s" "$events" 0 $((questions * 12 + 20))
    stop "$machine"
    expect "exit code" "$status" 0
    start_watched silent "$images/idle.elf"
    poll 20 uptime_is silent 2000000000
    expect "questions to an idle guest without an agent" "$(counter silent .watchdog.questions)" 0
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "an idle guest lives, and is hardly woken" idles

pauses() {
    start_watched paused "$behave" -- spin
    hv_at pause paused
    poll 20 uptime_is paused 2000000000
    expect "state" "$(field paused state)" paused
    hv_at resume paused
    local used
    used=$(counter paused .machine.guest_cpu_ns)
    poll 20 uses_cpu paused $((used + 1000000000))
    runs paused
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a guest that was paused for longer than the watchdog's limit is not hung" pauses

# STOP and CONT, as users send them to look at a process.
stopped_from_outside() {
    start_watched held "$behave" -- spin
    local guest since
    guest=$(pgrep -P "$machine" tenon-guest)
    kill -STOP "$guest"
    since=$(counter held .machine.uptime_ns)
    poll 20 uptime_is held $((since + 2000000000))
    runs held
    kill -CONT "$guest"
    local used
    used=$(counter held .machine.guest_cpu_ns)
    poll 20 uses_cpu held $((used + 1000000000))
    runs held
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a guest whose process is stopped is not hung" stopped_from_outside

in_debugger() {
    start_watched debugged "$behave" -- spin
    local guest since
    guest=$(pgrep -P "$machine" tenon-guest)
    mkfifo commands
    gdb -nx -q -p "$guest" <commands >gdb.out 2>&1 &
    local debugger=$! input
    exec {input}>commands
    poll 20 grep -q 't (tracing stop)' "/proc/$guest/status"
    since=$(counter debugged .machine.uptime_ns)
    poll 20 uptime_is debugged $((since + 2000000000))
    runs debugged
    echo detach >&"$input"
    exec {input}>&-
    wait "$debugger"
    local used
    used=$(counter debugged .machine.guest_cpu_ns)
    poll 20 uses_cpu debugged $((used + 1000000000))
    runs debugged
    stop "$machine"
    expect "exit code" "$status" 0
}
debugger_case "a guest that a debugger holds is not hung" in_debugger

# Others come and go at the agent's port while hv asks, one stays and says nothing.
shares_the_port() {
    # Other load may delay hv and its clients, so answers get more time than an instant.
    start shared --watchdog 2 "$behave" -- wait
    poll 20 test -S "$RUN/shared/agent.sock"
    local number
    for number in $(seq 60); do
        expect "answer $number" "$("$hv" agent --run-dir "$RUN" shared guest-sync "{\"id\":$number}")" "$number"
    done
    local since
    since=$(counter shared .machine.uptime_ns)
    mkfifo silence
    socat -u - "UNIX-CONNECT:$RUN/shared/agent.sock" <silence &
    exec {quiet}>silence
    poll 20 uptime_is shared $((since + 4000000000))
    runs shared
    exec {quiet}>&-
    since=$(counter shared .machine.uptime_ns)
    poll 20 uptime_is shared $((since + 3000000000))
    expect "answer after that" "$("$hv" agent --run-dir "$RUN" shared guest-sync '{"id":77}')" 77
    expect "clients that hv counts" "$(counter shared .agent.clients)" 62
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "the watchdog and other clients share the agent's port" shares_the_port

policies() {
    detach hung-again --watchdog 0.4 --on-crash restart "$behave" -- stuck masked
    poll 20 restarted hung-again 1
    hv_at stop hung-again
    contains "reason" "$(hv_at events --json hung-again | jq -r 'select(.event == "crashed").reason' | head -n 1)" \
        "hung: no tick for"
    contains "report" "$(<"$RUN/hung-again/crash.txt")" hang_with_interrupts_masked
    contains "console" "$(<"$RUN/hung-again/crash.txt")" hanging
    detach kept --watchdog 0.4 --on-crash preserve "$behave" -- stuck masked
    poll 20 state_is kept crashed
    local guest
    guest=$(pgrep -P "$(pgrep -P "$(supervisor_of kept)")" tenon-guest)
    expect "the guest's process" "$(awk '{print $3}' "/proc/$guest/stat")" T
    hv_at stop kept
    expect "exit code" "$(field kept exit_code)" 107
}
test_case "--on-crash decides what becomes of a guest that hangs" policies

in_a_file() {
    cat >machine.json <<CONFIG
{"boot-source": {"kernel_image_path": "$behave", "boot_args": "-- stuck masked"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 64}, "tenon": {"watchdog_ms": 400}}
CONFIG
    status_of hv_run --config machine.json
    expect "exit code" "$status" 107
    contains "reason" "$output" "hung: no tick for"
}
test_case "a watchdog can be asked for in the configuration file" in_a_file

wrong_times() {
    local value
    for value in 0 -1 0.05 100000 soon nan; do
        status_of hv_run "--watchdog=$value" "$behave"
        expect "exit code for $value" "$status" 100
        contains "message for $value" "$output" "--watchdog"
    done
}
test_case "values that are no time are refused" wrong_times
