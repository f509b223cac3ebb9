# SPDX-License-Identifier: Apache-2.0
# hv stop and hv reboot, step by step: the event, the agent, force. Each case knows the step at which the machine ends.

# step_of NAME EVENT KEY: the value in the last such event.
step_of() { hv_at events --json "$1" | jq -r "select(.event == \"$2\").$3 // empty" | tail -n 1; }
has_agent() { test -S "$RUN/$1/agent.sock"; }
worker_of() { pgrep -P "$(supervisor_of "$1")"; }

stop_by_event() {
    detach obeys "$behave" -- orderly
    hv_at stop obeys
    expect "exit code" "$(field obeys exit_code)" 42
    expect "step in hv ps" "$(field obeys stop)" event
    expect "step in the record" "$(jq -r .stop "$RUN/obeys/record.json")" event
    expect "step in the events" "$(step_of obeys ended stop)" event
    detach itself "$behave" -- exit 5
    status_of hv_at wait itself
    expect "step of one that nobody stopped" "$(field itself stop)" null
}
test_case "hv stop: a guest that obeys the event" stop_by_event

stop_by_agent() {
    detach deaf "$behave" -- deaf
    poll 20 has_agent deaf
    hv_at stop --timeout 1 deaf
    expect "exit code" "$(field deaf exit_code)" 43
    contains "console" "$(hv_at logs deaf)" heard
    expect "step in hv ps" "$(field deaf stop)" agent
    expect "step in the events" "$(step_of deaf ended stop)" agent
}
test_case "hv stop: a guest that ignores the event, and whose agent shuts it down" stop_by_agent

is_masked() { hv_at logs "$1" | grep -qxF 'masked from now on'; }

stop_by_force() {
    detach stubborn "$behave" -- stubborn
    detach masked "$behave" -- masked
    poll 20 has_agent stubborn
    poll 20 is_masked masked
    hv_at stop --timeout 0.3 stubborn masked
    local name
    for name in stubborn masked; do
        expect "exit code of $name" "$(field "$name" exit_code)" 108
        expect "step of $name" "$(field "$name" stop)" kill
        expect "step in the events of $name" "$(step_of "$name" ended stop)" kill
        contains "reason of $name" "$(field "$name" reason)" "killed from outside"
    done
    # Without an agent the second wait is left out: with it, this would be two minutes.
    detach agentless "$images/idle.elf"
    kill -STOP "$(pgrep -P "$(worker_of agentless)")"
    timeout 50 "$hv" stop --run-dir "$RUN" --timeout 0.2 agentless
    expect "step of one without an agent" "$(field agentless stop)" kill
}
test_case "hv stop: guests that ignore event and agent are killed" stop_by_force

stop_between_lives() {
    detach failing --restart always "$behave" -- exit 3
    poll 20 restarted failing 3
    hv_at stop failing
    expect "state" "$(field failing state)" ended
    expect "step" "$(field failing stop)" event
}
test_case "hv stop: a machine that waits for its next start is over" stop_between_lives

stop_refusals() {
    local wrong
    for wrong in -1 86401 1e9 nan; do
        status_of hv_at stop --timeout=$wrong nobody
        expect "exit code of stop --timeout $wrong" "$status" 100
        contains "message" "$output" "--timeout"
        status_of hv_at reboot --timeout=$wrong nobody
        expect "exit code of reboot --timeout $wrong" "$status" 100
        contains "message" "$output" "--timeout"
    done
    status_of hv_at reboot --timeout soon nobody
    expect "exit code for no number" "$status" 100
}
test_case "hv stop and hv reboot refuse wrong time limits" stop_refusals

reboot_by_event() {
    detach again "$behave" -- wait
    local supervisor worker
    supervisor=$(supervisor_of again)
    worker=$(worker_of again)
    hv_at reboot again
    # Not polled: it is back when the command returns.
    expect "state" "$(field again state)" running
    expect "restarts" "$(field again restarts)" 1
    expect "its supervisor" "$(supervisor_of again)" "$supervisor"
    [ "$(worker_of again)" != "$worker" ]
    expect "step" "$(step_of again restarted reboot)" event
    # Repeated requests restart it at once: it does not count as a machine that keeps failing.
    local round
    for round in 2 3 4 5 6; do hv_at reboot again; done
    expect "restarts" "$(field again restarts)" 6
}
test_case "hv reboot starts a machine anew, in its place" reboot_by_event

reboot_own_way() {
    # Its handler ends the program: started anew all the same.
    detach leaver "$behave" -- orderly
    hv_at reboot leaver
    expect "restarts" "$(field leaver restarts)" 1
    expect "state" "$(field leaver state)" running
    # The request to reboot is forgotten afterwards: the machine ends like any other.
    hv_at stop leaver
    expect "exit code" "$(field leaver exit_code)" 42
    detach asleep "$behave" -- wait
    hv_at pause asleep
    hv_at reboot asleep
    expect "state of one that was paused" "$(field asleep state)" running
}
test_case "hv reboot: a guest that shuts down instead is started anew; a paused one hears it" reboot_own_way

reboot_by_agent() {
    detach deaf-too "$behave" -- deaf
    poll 20 has_agent deaf-too
    hv_at reboot --timeout 3 deaf-too
    expect "restarts" "$(field deaf-too restarts)" 1
    expect "step" "$(step_of deaf-too restarted reboot)" agent
    contains "what the guest said" "$(hv_at logs deaf-too)" heard
}
test_case "hv reboot: a guest that ignores the event, and whose agent reboots it" reboot_by_agent

reboot_by_force() {
    detach stubborn-too "$behave" -- stubborn
    detach masked-too "$behave" -- masked
    detach obedient "$behave" -- wait
    poll 20 is_masked masked-too
    hv_at reboot --timeout 2 stubborn-too masked-too obedient
    local name
    for name in stubborn-too masked-too obedient; do
        expect "state of $name" "$(field "$name" state)" running
        expect "restarts of $name" "$(field "$name" restarts)" 1
    done
    expect "step of one that spins without interrupts" "$(step_of masked-too restarted reboot)" restart
    expect "step of one that ignores everything" "$(step_of stubborn-too restarted reboot)" restart
    expect "step of one that obeys" "$(step_of obedient restarted reboot)" event
    # Also one whose hv does not answer.
    local worker
    worker=$(worker_of obedient)
    kill -STOP "$worker"
    hv_at reboot --timeout 0.2 obedient
    expect "restarts of one that hung" "$(field obedient restarts)" 2
    poll 5 gone "$worker"
}
test_case "hv reboot: guests that ignore event and agent are restarted by force" reboot_by_force

reboot_refusals() {
    detach over "$behave" -- exit 0
    hv_at wait over
    status_of hv_at reboot over
    expect "exit code for one that has ended" "$status" 101
    contains "message" "$output" "it has ended"
    status_of hv_at reboot nobody
    expect "exit code for nobody" "$status" 101
    start unattended "$behave" -- wait
    status_of hv_at reboot unattended
    expect "exit code for one without a supervisor" "$status" 100
    contains "what to do" "$output" "hv run --restart"
    kill -0 "$machine"
    stop "$machine"
    # The others of a list are rebooted all the same.
    detach fine "$behave" -- wait
    status_of hv_at reboot nobody fine over
    expect "exit code" "$status" 101
    contains "message" "$output" "machine 'nobody'"
    expect "restarts" "$(field fine restarts)" 1
    # A machine that is being stopped is not started again.
    detach leaving "$behave" -- stubborn
    curl --silent --fail --unix-socket "$RUN/leaving/supervisor.sock" --request PUT http://localhost/stop
    status_of hv_at reboot --timeout 0.2 leaving
    expect "exit code for one that is being stopped" "$status" 100
    contains "message" "$output" "asked it to end"
    expect "restarts" "$(field leaving restarts)" 0
}
test_case "hv reboot says which machines it cannot reboot, and why" reboot_refusals

supervisor_refusals() {
    detach strict "$images/idle.elf"
    local body
    for body in '{"step": "kill"}' '{"step": 7}' '{"within": 1}' '[]' x; do
        expect "answer to $body" "$(curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' \
            --unix-socket "$RUN/strict/supervisor.sock" --request PUT --data "$body" http://localhost/reboot)" 400
    done
    expect "another path" "$(curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' \
        --unix-socket "$RUN/strict/supervisor.sock" --request PUT http://localhost/sleep)" 404
    expect "another method" "$(curl --silent --output /dev/null --max-time 10 --write-out '%{http_code}' \
        --unix-socket "$RUN/strict/supervisor.sock" http://localhost/stop)" 405
    expect "state" "$(field strict state)" running
    expect "restarts" "$(field strict restarts)" 0
}
test_case "a supervisor refuses what it does not know" supervisor_refusals

# In the foreground, with a supervisor: hv's pid in $machine. attend waits until it runs.
in_foreground() {
    local name=$1
    shift
    "$hv" run --run-dir "$RUN" --accel pv --name "$name" "$@" >"$name.out" 2>"$name.err" </dev/null &
    machine=$!
}
attend() {
    in_foreground "$@"
    local name=$1
    poll 20 state_is "$name" running || { cat "$name.err" >&2; return 1; }
}
attended_worker() { pgrep -P "$machine"; }

foreground_reboot() {
    attend here --restart on-failure "$behave" -- deaf
    expect "whether it is detached" "$(field here detached)" false
    poll 20 has_agent here
    local worker
    worker=$(attended_worker)
    hv_at reboot --timeout 1 here
    expect "restarts" "$(field here restarts)" 1
    [ "$(attended_worker)" != "$worker" ]
    contains "what the guest said, in the terminal" "$(<here.out)" heard
    # Ended by the agent, which its second life hears as well, with a code that is no failure of a stop.
    poll 20 has_agent here
    hv_at stop --timeout 1 here
    status=0
    wait "$machine" || status=$?
    expect "exit code" "$status" 43
    expect "what is left" "$(hv_at ps -aq)" ""
    expect "events" \
        "$(hv_at events --json here | jq -r .event | grep -e created -e started -e ended | paste -sd ' ')" \
        "created started ended restarted ended"
}
test_case "hv run --restart in the foreground: rebooted in place, its exit code is the machine's" foreground_reboot

foreground_restarts() {
    # The console goes on over the lives of the machine.
    status_of timeout 60 "$hv" run --run-dir "$RUN" --accel pv --restart on-failure "$images/hello.elf"
    expect "exit code" "$status" 0
    expect "output" "$output" "Hello from Tenon"
    in_foreground repeated --restart always "$images/hello.elf"
    poll 20 said 3 'Hello from Tenon' repeated.out
    stop "$machine"
    expect "exit code of one that was stopped between two lives" "$status" 0
    in_foreground ashes --on-crash restart "$behave" -- abort
    poll 20 said 3 'abort()' ashes.err
    stop "$machine"
    status_of hv_at run --accel pv --on-crash restart "$images/none.elf"
    expect "exit code of what cannot be started" "$status" 101
    status_of hv_at run --restart sometimes "$images/hello.elf"
    expect "exit code for a wrong policy" "$status" 100
    expect "what is left" "$(hv_at ps -aq)" ""
}
# said TIMES WORDS FILE
said() { [ "$(grep -c -F "$2" "$3")" -ge "$1" ]; }
test_case "hv run --restart and --on-crash in the foreground" foreground_restarts

foreground_interrupts() {
    # To hv alone, as kill does, and to its whole process group, as a terminal does.
    local whom
    for whom in one group; do
        set -m
        attend orderly-$whom --restart always "$behave" -- orderly
        set +m
        local target=$machine
        if [ $whom = group ]; then target=-$machine; fi
        kill -INT -- "$target"
        status=0
        wait "$machine" || status=$?
        expect "exit code ($whom)" "$status" 42
        set -m
        attend stubborn-$whom --restart always "$behave" -- stubborn
        set +m
        target=$machine
        if [ $whom = group ]; then target=-$machine; fi
        kill -INT -- "$target"
        poll 10 asked_to_end "stubborn-$whom"
        kill -0 "$machine"
        kill -INT -- "$target"
        status=0
        wait "$machine" || status=$?
        expect "exit code after the second ($whom)" "$status" 108
    done
}
asked_to_end() { hv_at events --json "$1" | grep -q shutdown-asked; }
test_case "Ctrl-C asks a supervised machine in the foreground, and kills it the second time" foreground_interrupts

foreground_killed() {
    attend frail --restart always "$behave" -- wait
    local worker guest
    worker=$(attended_worker)
    guest=$(pgrep -P "$worker")
    kill -KILL "$machine"
    wait "$machine" || true
    poll 5 gone "$worker"
    poll 5 gone "$guest"
    expect "what is left" "$(hv_at ps -aq)" ""
    status_of hv_at run --rm "$images/hello.elf"
    expect "exit code of --rm without -d" "$status" 100
    attend mine --restart always "$behave" -- wait
    status_of hv_at console mine
    expect "exit code of hv console" "$status" 101
    contains "why" "$output" "in which it was started"
    stop "$machine"
}
test_case "a supervisor in the foreground that is killed takes its machine with it" foreground_killed

detached_signal() {
    detach noticed "$behave" -- orderly
    kill -TERM "$(supervisor_of noticed)"
    hv_at wait noticed || true
    expect "exit code of one whose supervisor was asked to end" "$(field noticed exit_code)" 42
    expect "step" "$(field noticed stop)" event
}
test_case "a signal to a detached machine's supervisor is passed on as a request" detached_signal

# hv answers before the guest has begun to boot. The control socket is there as early as that.
answers() { [ -S "$RUN/early/api.sock" ]; }
stopped_while_it_boots() {
    local i
    for i in 1 2 3 4 5 6 7 8 9 10; do
        "$hv" run --run-dir "$RUN" --accel pv --name early "$images/idle.elf" >early.out 2>early.err </dev/null &
        machine=$!
        poll 10 answers
        hv_at stop early 2>stop.err
        wait "$machine"
        not grep -q killed early.err
    done
}
test_case "a request to stop is heard while the guest boots" stopped_while_it_boots
