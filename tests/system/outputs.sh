# SPDX-License-Identifier: Apache-2.0
# Readers that do not read, closed descriptors, limited file sizes, and guests that print too much or control sequences.

# answers NAME: its hv serves its control socket, so its loop is running.
answers() { hv_at stat "$1" >/dev/null; }

# An open pipe without a reader that reads, as descriptor $unread.
open_unread_pipe() {
    mkfifo "$1"
    exec {unread}<>"$1"
}

silent_reader() {
    open_unread_pipe pipe
    # More than the pipe and all backlogs hold.
    "$hv" run --run-dir "$RUN" --accel pv --name silent "$behave" -- flood 1000000 >&"$unread" 2>&1 </dev/null &
    machine=$!
    poll 20 answers silent
    poll 20 eval '[ "$("$hv" stat --run-dir "$RUN" --json silent | jq .console.out_bytes)" -gt 10000 ]'
    local round
    for round in 1 2 3; do answers silent; done
    kill -INT "$machine"
    poll 5 answers silent
    kill -INT "$machine"
    poll 20 gone "$machine"
}
test_case "standard output and error in a full pipe stop neither hv's loop nor its end" silent_reader

silent_messages() {
    open_unread_pipe messages
    # A pipe that is full already.
    dd if=/dev/zero of=/dev/stdout bs=65536 count=1 status=none >&"$unread"
    "$hv" run --run-dir "$RUN" --accel pv --name mute --boot-report "$behave" -- wait \
        >mute.out 2>&"$unread" </dev/null &
    machine=$!
    poll 20 answers mute
    kill -INT "$machine"
    poll 20 gone "$machine"
    wait "$machine"
}
test_case "messages to a pipe that is full do not hold up a machine, nor its end" silent_messages

full_disk() {
    hv_run "$behave" -- exit 0 >/dev/full 2>lost.err
    expect "what hv says of no output" "$(<lost.err)" ""
    hv_run "$behave" -- flood 1000 >/dev/full 2>lost.err
    expect "what hv says of output on a full disk" "$(<lost.err)" \
        "hv: the guest's output is lost: standard output cannot be written: No space left on device"
    hv_run "$behave" -- flood 1000 2>lost.err | head -n 1 >/dev/null
    expect "what hv says of a reader that leaves" "$(<lost.err)" ""
}
test_case "output that a full disk loses is told, once" full_disk

stopped_terminal() {
    mkfifo stopped.keys
    # A stopped terminal (Ctrl-S) reads no output.
    script -qefc "$hv run --run-dir $RUN --accel pv --name stopped $behave -- flood 100000" /dev/null \
        <stopped.keys >stopped.screen 2>&1 &
    local terminal=$!
    exec {keys}>stopped.keys
    poll 20 grep -q '^line 10 ' stopped.screen
    printf '\023' >&"$keys"
    local before=0 after=1
    is_still() {
        before=$after
        after=$("$hv" stat --run-dir "$RUN" --json stopped | jq .console.out_bytes)
        [ "$before" = "$after" ]
    }
    poll 20 is_still
    answers stopped
    hv_at pause stopped
    hv_at resume stopped
    printf '\021' >&"$keys"
    poll 60 grep -q '^line 99999 ' stopped.screen
    expect "lines that were lost" "$(grep -c '^line [0-9]* of a flood' stopped.screen)" 100000
    poll 20 gone "$terminal"
}
test_case "a terminal that is stopped with Ctrl-S stops the text and nothing else" stopped_terminal

# without STREAMS COMMAND...: with these of descriptors 0 to 2 closed.
without() {
    local streams=$1 stream
    shift
    for stream in $streams; do eval "exec $stream>&-"; done
    exec "$@"
}
closed_streams() {
    local streams status
    for streams in 0 1 2 "0 1" "0 2" "1 2" "0 1 2"; do
        local name=closed${streams// /}
        at_end "$hv" rm -f --run-dir "$RUN" "$name" 2>/dev/null
        status=0
        (without "$streams" "$hv" run -d --run-dir "$RUN" --accel pv --name "$name" "$behave" -- say "here it is") ||
            status=$?
        expect "exit code without $streams" "$status" 0
        poll 10 has_line "$name" "here it is"
        expect "state without $streams" "$(field "$name" state)" running
        hv_at stop "$name"
        expect "its end without $streams" "$(field "$name" exit_code)" 0
        status=0
        (without "$streams" timeout 60 "$hv" run --run-dir "$RUN" --accel pv "$behave" -- exit 7) || status=$?
        expect "exit code in the foreground without $streams" "$status" 7
    done
}
test_case "any of descriptors 0 to 2 may be closed" closed_streams

# Whoever waits for the end of a pipe of the caller does not wait for the machine.
callers_pipe() {
    mkfifo callers.pipe
    exec {pipe}<>callers.pipe
    detach holds "$images/idle.elf"
    local supervisor process
    supervisor=$(supervisor_of holds)
    for process in "$supervisor" "$(pgrep -P "$supervisor")"; do
        expect "the caller's pipe in process $process" \
            "$(readlink "/proc/$process/fd/"* | grep -c callers.pipe || true)" 0
    done
    exec {pipe}>&-
}
test_case "a detached machine keeps nothing open that its caller has" callers_pipe

limited_files() {
    truncate --size 64M limited.raw
    write_at() {
        (ulimit -f $((32 * 1024)) && hv_run --disk "limited.raw" "$behave" -- disk write /dev/vda "$1" here)
    }
    write_at $((1 << 20))
    # Beyond the limit it is an error of the guest's, and hv goes on to the guest's own end.
    status_of write_at $((48 << 20))
    expect "exit code beyond the limit" "$status" 1
    contains "the guest's error" "$output" "I/O error"
    detach small "$behave" -- flood 200000
    status_of hv_at wait small
    expect "exit code" "$status" 0
    hv_at rm small
    # Logs below their own bound: they turn over earlier, and the machine goes on.
    detach narrow "$behave" -- echo
    prlimit --pid "$(supervisor_of narrow)" --fsize=65536
    local line=0
    while [ $line -lt 3000 ]; do
        line=$((line + 1))
        echo "line $line of a log that may not grow as it would"
    done >lines
    { printf w; cat lines; } | nc -N -U "$RUN/narrow/console.sock" >/dev/null || true
    poll 20 has_line narrow "echo: line 3000 "
    between "size of the log" "$(stat -c %s "$RUN/narrow/console.log")" 1 65536
    state_is narrow running
    hv_at stop narrow
}
test_case "a limit of file sizes is an error of the write that meets it, not hv's end" limited_files

# told_restarts NAME COUNT: so many are in its events, at least.
told_restarts() { [ "$(hv_at events --json "$1" | grep -c '"restarted"')" -ge "$2" ]; }

crash_loop() {
    detach loop --restart always "$behave" -- exit 1
    poll 20 restarted loop 3
    # Its events are few enough for all to be there.
    poll 20 told_restarts loop 3
    hv_at rm -f loop
}
test_case "what happens to a machine that starts again and again is in its events" crash_loop

# fake_agent: prints the answers of NAME.answers to commands, as the guest's agent would.
cat >"$scratch/fake_agent" <<'END'
#!/bin/bash
while read -r line; do
    case $line in
        *guest-sync-delimited*)
            id=${line##*\"id\":}
            printf '\xff{"return": %s}\n' "${id%%\}*}"
            ;;
        *guest-get-host-name*) cat "$1/host-name" ;;
        *) cat "$1/other" ;;
    esac
done
END
chmod 755 "$scratch/fake_agent"

hostile_agent() {
    detach hostile "$behave" -- say ready
    poll 20 test -S "$RUN/hostile/agent.sock"
    rm "$RUN/hostile/agent.sock"
    mkdir answers
    printf '{"return": {"host-name": "a\xc2\x9b31mb\xe2\x80\xaec"}}\n' >answers/host-name
    { head -c 200000 /dev/zero | tr '\0' '['; echo; } >answers/other
    socat "UNIX-LISTEN:$RUN/hostile/agent.sock,fork" "EXEC:$scratch/fake_agent $PWD/answers" &
    poll 10 test -S "$RUN/hostile/agent.sock"
    hv_at info hostile >info.out
    contains "the host name" "$(<info.out)" "a?31mb?c"
    not grep -q -e $'\xc2\x9b' -e $'\xe2\x80\xae' info.out
    hv_at info hostile --json | jq -e '.guest.host_name == "a?31mb?c"' >/dev/null
    expect "the agent's own words" "$(hv_at agent hostile guest-get-host-name | tr -d ' \n')" \
        '{"host-name":"a\u009b31mb\u202ec"}'
    status_of hv_at agent hostile guest-get-osinfo
    expect "exit code for a deep answer" "$status" 109
    contains "error" "$output" "nests deeper than 32 levels"
    { printf '{"return": {"a": 0'; seq -f ',"%.0f":0' 1 300000 | tr -d '\n'; echo '}}'; } >answers/other
    status_of hv_at agent hostile guest-get-osinfo
    contains "error" "$output" "an object of more than 1024 members"
    hv_at stop hostile
}
test_case "what a hostile agent answers crashes nobody, and reaches no terminal as it is" hostile_agent

# fake_hv DIRECTORY: answers a request by the file there that is named as the path, with '_' for each '/', and with the
# status in the file status.
cat >"$scratch/fake_hv" <<'END'
#!/bin/bash
read -r _ path _
while read -r line && [ "$line" != $'\r' ]; do :; done
answer=$1/${path//\//_}
printf 'HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n' "$(<"$1/status")" "$(stat -c %s "$answer")"
cat "$answer"
END
chmod 755 "$scratch/fake_hv"

# take_over: a machine "taken" whose hv, which its guest has taken over, answers from the directory hostile-hv.
take_over() {
    # A machine of before has made the run directory; alone, this case makes it.
    [ -d "$RUN" ] || mkdir -m 700 "$RUN"
    mkdir -m 1700 "$RUN/taken"
    at_end rm -r "$RUN/taken"
    printf 'tenon machine\n' >"$RUN/taken/lock"
    exec {held}<"$RUN/taken/lock"
    flock -x "$held"
    mkdir -p hostile-hv
    echo "200 OK" >hostile-hv/status
    socat "UNIX-LISTEN:$RUN/taken/api.sock,fork" "EXEC:$scratch/fake_hv $PWD/hostile-hv" &
    poll 10 test -S "$RUN/taken/api.sock"
}

# Answers of an hv that its guest has taken over.
hostile_hv() {
    take_over
    local evil=$'\xc2\x9b31m\xe2\x80\xae' round command
    for round in text types members; do
        case $round in
            text)
                cat >hostile-hv/_stats <<END
{"machine": {"state": "$evil", "image": "$evil", "ports": [{"protocol": "$evil"}]}, "a\n$evil": {"b$evil": {"c": 1}}}
END
                cat >hostile-hv/_vm_config <<END
{"boot-source": {"boot_args": "$evil"}, "drives": [{"path_on_host": "$evil"}]}
END
                echo '{"processes": [], "network_helper": {"none": 1}}' >hostile-hv/_memory
                ;;
            types)
                echo '{"machine": {"state": 5, "agent": 6, "image": [], "ports": "p"}, "net": 1}' >hostile-hv/_stats
                cat >hostile-hv/_vm_config <<END
{"boot-source": [], "drives": {"a": 1}, "network-interfaces": "n", "tenon": {"user_network": {}}}
END
                echo '{"processes": "p", "network_helper": {"process": []}, "guest": {"age_ms": -1}}' \
                    >hostile-hv/_memory
                ;;
            members)
                echo '{"machine": {}}' >hostile-hv/_stats
                echo '{}' | tee hostile-hv/_vm_config >hostile-hv/_memory
                ;;
        esac
        for command in ps "ps --json" top "top --json" "info taken" "info --json taken" "stat taken" \
            "stat --json taken" "memory taken" "memory --json taken" metrics "balance --once --dry-run"; do
            # shellcheck disable=SC2086
            status_of hv_at $command
            expect "exit code of $command ($round), which said: $output" "$status" 0
            not grep -q -e $'\xc2\x9b' -e $'\xe2\x80\xae' <<<"$output"
        done
        status_of hv_at agent --timeout 100 taken guest-ping
        expect "exit code of agent ($round)" "$status" 108
    done
    echo "400 Bad Request" >hostile-hv/status
    printf '{"fault_message": "it ended\\nhv: machine %s"}' "'other': it ended" >hostile-hv/_stats
    status_of hv_at stat taken
    expect "a reason of two lines" "$output" "hv: it ended?hv: machine 'other': it ended"
}
test_case "what a hostile hv answers crashes no command, and reaches no terminal as it is" hostile_hv

hostile_disk() {
    take_over
    truncate --size 1M victim
    printf '{"drives": [{"drive_id": "disk0", "path_on_host": "%s"}]}' "$PWD/victim" >hostile-hv/_vm_config
    refused 100 "no machine has it open" "$hv" set --run-dir "$RUN" taken vda.size=2M
    expect "size of a file that is no disk" "$(stat --format=%s victim)" 1048576
}
test_case "a taken-over hv cannot have another file resized" hostile_disk
