# SPDX-License-Identifier: Apache-2.0
# Detached machines: started, listed, stopped, killed, waited for, logged, removed, started again.

detached_life() {
    detach one "$images/idle.elf"
    expect "what it prints" "$(<one.out)" one
    expect "what it says" "$(<one.err)" ""
    expect "state" "$(field one state)" running
    expect "accelerator" "$(field one accelerator)" pv
    expect "memory" "$(field one memory_bytes)" $((64 << 20))
    contains "table" "$(hv_at ps)" "idle.elf"
    expect "names" "$(hv_at ps -q)" one
    hv_at stop one
    expect "running machines" "$(hv_at ps -q)" ""
    expect "kept ones" "$(hv_at ps -a -q)" one
    expect "state" "$(field one state)" ended
    expect "exit code" "$(field one exit_code)" 0
    hv_at rm one
    expect "kept ones" "$(hv_at ps -a -q)" ""
}
test_case "a detached machine is listed, stopped, kept and removed" detached_life

# looks_at PROCESS NAME: it has something of the machine open.
looks_at() { [[ $(readlink "/proc/$1/fd/"*) == *"$RUN/$2"* ]]; }
exit_codes() {
    detach seven "$behave" -- exit 7
    status_of hv_at wait seven
    expect "exit code of hv wait" "$status" 7
    expect "exit code in hv ps" "$(field seven exit_code)" 7
    # A command waits already, for a machine that keeps no files.
    detach orderly --rm "$behave" -- orderly
    "$hv" wait --run-dir "$RUN" orderly &
    local waiter=$!
    poll 10 looks_at "$waiter" orderly
    hv_at stop orderly
    status=0
    wait "$waiter" || status=$?
    expect "exit code of hv wait" "$status" 42
    expect "what --rm keeps" "$(hv_at ps -aq | grep -c orderly || true)" 0
}
test_case "hv wait gives the machine's exit code, also of one that keeps nothing" exit_codes

foreground_wait() {
    start foreground "$behave" -- orderly
    "$hv" wait --run-dir "$RUN" foreground &
    local waiter=$!
    poll 10 looks_at "$waiter" foreground
    expect "state" "$(field foreground state)" running
    hv_at stop foreground
    status=0
    wait "$waiter" || status=$?
    expect "exit code" "$status" 42
    status=0
    wait "$machine" || status=$?
    expect "its own exit code" "$status" 42
}
test_case "a machine in the foreground can be listed, waited for and stopped from elsewhere" foreground_wait

start_failures() {
    status_of hv_at run -d --name broken no-such.elf
    expect "exit code" "$status" 101
    contains "message" "$output" "no-such.elf"
    status_of hv_at run -d --accel pv --net tap=no-such-tap --name broken "$images/httpd.elf"
    expect "exit code" "$status" 101
    contains "message" "$output" "no-such-tap"
    expect "what is left" "$(hv_at ps -aq)" ""
    detach taken "$images/idle.elf"
    status_of hv_at run -d --accel pv --name taken "$images/idle.elf"
    expect "exit code" "$status" 104
    hv_at stop taken
    status_of hv_at run -d --accel pv --name taken "$images/idle.elf"
    expect "exit code for a name that is kept" "$status" 104
    contains "message" "$output" "hv rm taken"
}
test_case "a failure to start is told by hv run -d itself, and leaves nothing" start_failures

kinds_of_stop() {
    detach stubborn "$behave" -- stubborn
    hv_at stop --timeout 0.2 stubborn
    expect "exit code of one that did not obey" "$(field stubborn exit_code)" 108
    detach first "$images/idle.elf"
    detach second "$images/idle.elf"
    hv_at stop first second
    expect "still running" "$(hv_at ps -q)" ""
    status_of hv_at stop first nobody
    expect "exit code" "$status" 101
    contains "message" "$output" nobody
}
test_case "hv stop kills who does not obey, and takes several names" kinds_of_stop

kills() {
    detach victim "$behave" -- stubborn
    hv_at kill victim
    expect "exit code" "$(field victim exit_code)" 108
    # Stopped by SIGSTOP, hv answers nothing: kill gets through all the same.
    start frozen "$behave" -- wait
    kill -STOP "$machine"
    hv_at kill frozen
    status=0
    wait "$machine" || status=$?
    expect "exit status" "$status" 137
    # Nor does it take connections any more: those of commands that gave up fill its queue.
    start full "$behave" -- wait
    kill -STOP "$machine"
    timeout 60 perl -MSocket=:all -e 'my $to = pack_sockaddr_un(shift); my $s;
        do { socket($s, PF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0) } while connect($s, $to);' "$RUN/full/api.sock"
    expect "state" "$(field full state)" unresponsive
    timeout 30 "$hv" kill --run-dir "$RUN" full
    status=0
    wait "$machine" || status=$?
    expect "exit status" "$status" 137
}
test_case "hv kill ends a machine, also one whose hv does not answer" kills

unresponsive() {
    start mute "$behave" -- wait
    kill -STOP "$machine"
    expect "state" "$(field mute state)" unresponsive
    kill -CONT "$machine"
    poll 10 state_is mute running
    stop "$machine"
}
test_case "a machine that does not answer does not hold hv ps up" unresponsive

removal() {
    detach alive "$images/idle.elf"
    status_of hv_at rm alive
    expect "exit code" "$status" 104
    status_of hv_at rm nobody
    expect "exit code" "$status" 101
    hv_at rm -f alive
    expect "what is left" "$(hv_at ps -aq)" ""
}
test_case "hv rm leaves running machines alone, unless it is told to kill them" removal

logs() {
    detach talker "$behave" -- flood
    status_of hv_at wait talker
    hv_at logs talker >log
    expect "lines" "$(wc -l <log)" 20000
    expect "last lines" "$(hv_at logs -n 2 talker)" "$(tail -n 2 log)"
    # -f ends with the machine, and prints everything.
    detach echo "$behave" -- orderly
    hv_at logs -f echo >follow &
    local follower=$!
    hv_at stop echo
    wait "$follower"
    contains "what was followed" "$(<follow)" "shutting down"
    start foreground "$behave" -- wait
    status_of hv_at logs foreground
    expect "exit code for one in the foreground" "$status" 101
    stop "$machine"
}
test_case "hv logs prints and follows the console" logs

# Times are in the log, not in what is shown unless they are asked for.
stamp='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z'
log_times() {
    local begin last
    begin=$(date -u +%FT%T.000Z)
    detach timed "$behave" -- flood 100
    status_of hv_at wait timed
    hv_at logs -t timed >with-times
    hv_at logs timed >without
    expect "lines with times" "$(grep -Ec "^$stamp line [0-9]+ of" with-times)" 100
    expect "the same without" "$(cut -d' ' -f2- with-times)" "$(<without)"
    { echo "$begin"; cut -d' ' -f1 with-times; } | LC_ALL=C sort -c
    expect "the last two" "$(hv_at logs -t --tail 2 timed)" "$(tail -n 2 with-times)"
    last=$(tail -n 1 with-times | cut -d' ' -f1)
    contains "since the last line's time" "$(hv_at logs --since "$last" timed | tail -n 1)" "line 99 of"
    expect "since an hour ago" "$(hv_at logs --since 1h timed | wc -l)" 100
    expect "since tomorrow" "$(hv_at logs --since "$(date -u -d tomorrow +%FT%TZ)" timed)" ""
    refused 100 "--since 'soon': not a time" "$hv" logs --run-dir "$RUN" --since soon timed
}
test_case "hv logs shows times if it is asked to, and what came since a time" log_times

# 60 MiB of console text: the log stays within its bound, and ends with the end.
log_bound() {
    detach flood "$behave" -- flood 1200000
    hv_at wait flood
    local size
    size=$(cat "$RUN"/flood/console.log* | wc -c)
    [ "$size" -le $((2 << 20)) ] || { echo "the log has $size bytes"; return 1; }
    [ "$size" -ge $((1 << 20)) ] || { echo "the log has $size bytes"; return 1; }
    contains "last line" "$(hv_at logs -n 1 flood)" "line 1199999"
}
test_case "a guest cannot fill the disk with its console" log_bound

supervisor_killed() {
    detach orphan "$images/idle.elf"
    local supervisor worker guest
    supervisor=$(supervisor_of orphan)
    worker=$(pgrep -P "$supervisor")
    guest=$(pgrep -P "$worker")
    kill -KILL "$supervisor"
    poll 5 gone "$worker"
    poll 5 gone "$guest"
    expect "what is left" "$(hv_at ps -aq)" ""
    expect "its directory" "$(ls -d "$RUN/orphan" 2>/dev/null || true)" ""
}
test_case "a supervisor that is killed takes its machine with it, and hv ps clears up" supervisor_killed

worker_killed() {
    detach worker "$images/idle.elf"
    kill -KILL "$(pgrep -P "$(supervisor_of worker)")"
    poll 5 state_is worker ended
    expect "exit code" "$(field worker exit_code)" 108
    contains "reason" "$(field worker reason)" "signal 9"
}
test_case "an hv that is killed is recorded by its supervisor" worker_killed

events() {
    detach noted "$behave" -- exit 3
    status_of hv_at wait noted
    hv_at rm noted
    expect "events" "$(hv_at events --json noted | jq -r .event | paste -sd ' ')" "created started ended removed"
    expect "exit code" "$(hv_at events --json noted | jq 'select(.event == "ended").exit_code')" 3
    expect "last one" "$(hv_at events --json -n 1 noted | jq -r .event)" removed
}
test_case "hv events lists what happened" events

# One plain line for each event; the machine form on request.
plain_events() {
    detach plain "$behave" -- exit 3
    status_of hv_at wait plain
    hv_at events plain >plain
    expect "lines" "$(wc -l <plain)" 3
    expect "times" "$(grep -Ec "^$stamp plain: " plain)" 3
    expect "the first" "$(head -n 1 plain | cut -d' ' -f2-)" "plain: created from $behave"
    expect "the second" "$(sed -n 2p plain | cut -d' ' -f2-)" "plain: started on pv"
    contains "the last" "$(tail -n 1 plain)" "plain: ended with exit code 3"
    expect "JSON among it" "$(grep -c '[{}"]' plain || true)" 0
    expect "those of another machine" "$(hv_at events plai)" ""
    expect "since an hour ago" "$(hv_at events --since 1h --json plain | jq -r .event | paste -sd ' ')" \
        "created started ended"
    expect "since tomorrow" "$(hv_at events --since "$(date -u -d tomorrow +%FT%TZ)" plain)" ""
    "$hv" events --run-dir "$RUN" -f -n 0 plain >followed &
    local follower=$!
    poll 10 looks_at "$follower" .events
    hv_at rm plain
    poll 10 grep -q "plain: removed" followed
    kill "$follower"
    wait "$follower" || true
    expect "what was followed" "$(cut -d' ' -f2- followed)" "plain: removed"
    refused 100 "--since '10'" "$hv" events --run-dir "$RUN" --since 10
}
test_case "hv events prints a plain line for each event, of one machine, since a time, as it happens" plain_events

words_of() { hv_at events --json "$1" | jq -r .event | paste -sd ' '; }
foreground_events() {
    start told "$behave" -- stubborn
    hv_at pause told
    hv_at resume told
    hv_at stop --timeout 0.2 told
    wait "$machine" || true
    expect "events" "$(words_of told)" \
        "started ready paused resumed stop-asked shutdown-asked stop-asked stop-asked ended"
    expect "steps" "$(hv_at events --json told | jq -r '.step // empty' | paste -sd ' ')" "event agent kill"
    expect "accelerator" "$(hv_at events --json told | jq -r 'select(.event == "started").accelerator')" pv
    expect "exit code" "$(hv_at events --json told | jq 'select(.event == "ended").exit_code')" 108
    status_of hv_run --name quits "$behave" -- exit 4
    expect "events of one that never said that it was ready" "$(words_of quits)" "started ended"
    expect "its exit code" "$(hv_at events --json quits | jq 'select(.event == "ended").exit_code')" 4
    status_of hv_run --name crashes "$behave" -- abort
    expect "events of one that crashed" "$(words_of crashes)" "started crashed ended"
    contains "reason" "$(hv_at events --json crashes | jq -r 'select(.event == "ended").reason')" "abort()"
    # One that cannot be started has no events.
    status_of hv_run --name never no-such.elf
    expect "events of none" "$(words_of never)" ""
}
test_case "hv events tells of machines in the foreground, too" foreground_events

# 200 lives, ten at a time: no process, file, socket or directory is left.
cycle() {
    local name=cycle-$1 round
    for round in $(seq 20); do
        "$hv" run -d --run-dir "$RUN" --accel pv --name "$name" "$images/idle.elf" >/dev/null
        "$hv" stop --run-dir "$RUN" "$name"
        "$hv" rm --run-dir "$RUN" "$name"
    done
}
cycles() {
    local number jobs=() before after
    before=$(pgrep -c -f "$RUN" || true)
    for number in $(seq 10); do
        cycle "$number" &
        jobs+=($!)
    done
    for number in "${jobs[@]}"; do wait "$number"; done
    after=$(pgrep -c -f "$RUN" || true)
    expect "processes" "$after" "$before"
    expect "machines" "$(hv_at ps -aq)" ""
    expect "sockets" "$(ss -xlH | grep -c "$RUN/cycle" || true)" 0
    nothing_left
    local shared
    shared=$(find /dev/shm -maxdepth 1 -newer "$RUN" -name '*tenon*' 2>/dev/null | wc -l)
    expect "shared memory" "$shared" 0
}
test_case "200 machines started, stopped and removed, ten at a time, leave nothing" cycles
