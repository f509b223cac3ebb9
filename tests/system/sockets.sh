# SPDX-License-Identifier: Apache-2.0
# Very many connections, and how connections end. tests/crowd has both sides.

crowd_machine() { tap_machine "$1" --memory 256M "$images/crowd.elf" "${@:2}"; }
# crowd STEP...: the client, with the server's machine; its lines in crowd.out.
crowd() { in_namespace timeout 240 "$root/build/tests/crowd" 10.0.0.2 "$@" >crowd.out </dev/null; }
# line NAME FIELD [NUMBER]: a field of the client's first (or a later) line that begins with NAME.
line() { awk -v name="$1" -v field="$2" -v number="${3:-1}" '$1 == name && --number == 0 { print $field }' crowd.out; }
# best FIELD: the largest of the streams' rates, in KiB/s.
best() {
    awk -v field="$1" '$1 == "stream" && $field > best { best = $field } END { printf "%d\n", best * 1024 }' crowd.out
}

idle_connections() {
    with_tap
    crowd_machine idle
    crowd stats idle:10000 stats echo stats
    cat crowd.out
    expect "connections" "$(line stats 2 2)" 10000
    expect "connections that answer" "$(line echo 2)" 10000
    local taken
    taken=$(($(line stats 5 1) - $(line stats 5 2)))
    echo "$taken KiB for 10,000 connections"
    between "KiB for 10,000 connections" "$taken" 0 20000
    # They take none of the I/O zone.
    between "KiB of the I/O zone" $(($(line stats 6 1) - $(line stats 6 2))) -500 500
    stop "$machine"
    expect "exit code" "$status" 0
}
root_case "a network namespace" \
    "10,000 idle connections live in a machine of 256 MiB, at less than 2 KiB each" idle_connections

unread_data() {
    with_tap
    crowd_machine unread
    crowd stats deaf:70 stats stream:8 stats drain
    cat crowd.out
    # Each connection's window is full.
    between "KiB unread" $(($(line stats 5 1) - $(line stats 5 2))) $((70 * 60)) $((70 * 200))
    between "KiB of the I/O zone that are free" "$(line stats 6 2)" $(($(line stats 7 2) / 2)) "$(line stats 7 2)"
    in_namespace ping -q -c 3 -i 0.2 -W 2 10.0.0.2 >/dev/null
    # Nothing of it was lost when it moved.
    [ "$(line drain 2)" -ge $((70 * 60000)) ]
    expect "wrong bytes" "$(line drain 3)" 0
    stop "$machine"
}
root_case "a network namespace" "70 connections with unread data leave the I/O zone to others" unread_data

# keeps_speed KIND: beside 1,000 connections of the kind a stream reaches a quarter of what one alone has, in both
# directions. Other work of the host may slow some of them down.
keeps_speed() {
    with_tap
    crowd_machine "beside-$1"
    crowd stream:32 stream:32 stream:32 stream:32
    cat crowd.out
    local in out
    in=$(best 2) out=$(best 3)
    rm -f held.out
    ip netns exec "$namespace" "$root/build/tests/crowd" 10.0.0.2 "$1:1000" settled hold >held.out </dev/null &
    local holder=$!
    poll 60 grep -q settled held.out
    expect "half of the I/O zone is free" "$(tail -n 1 held.out)" "settled 1"
    fast() { crowd stream:32 && cat crowd.out && [ "$(best 2)" -ge $((in / 4)) ] && [ "$(best 3)" -ge $((out / 4)) ]; }
    poll 60 fast
    crowd stats
    cat crowd.out
    expect "connections" $(($(line stats 3) + $(line stats 4))) 1000
    between "KiB of the I/O zone that are free" "$(line stats 6)" $(($(line stats 7) / 2)) "$(line stats 7)"
    in_namespace ping -q -c 3 -i 0.2 -W 2 10.0.0.2 >/dev/null
    kill "$holder"
    stop "$machine"
}
root_case "a network namespace" \
    "1,000 connections that the program does not read leave a stream its speed" keeps_speed deaf
root_case "a network namespace" "1,000 peers that do not read leave a stream its speed" keeps_speed talking

# The peer of a program that writes and ends gets all of it, and an end.
data_before_the_end() {
    with_tap
    in_namespace timeout 30 socat -u TCP-LISTEN:85 OPEN:received,creat,trunc 2>socat.err &
    local listener=$!
    poll 10 in_namespace sh -c 'ss -ltnH "sport = :85" | grep -q .'
    in_namespace timeout 30 "$hv" run --run-dir "$RUN" --accel pv --name last --net tap=tap0 --ip 10.0.0.2/24,10.0.0.1 \
        "$images/crowd.elf" -- bytes 10.0.0.1 100000
    wait "$listener"
    expect "bytes" "$(stat -c %s received)" 100000
    expect "what socat says" "$(<socat.err)" ""
}
root_case "a network namespace" "data that a program wrote before its end arrives" data_before_the_end

# hv stop is the program's end: peers hear it, those whose data was not read by a reset.
stopped() {
    with_tap
    crowd_machine stopped
    in_namespace timeout 30 socat -u TCP:10.0.0.2:80 - >idle.out 2>idle.err &
    local idle=$!
    # By the moment at which the reset comes, socat fails or not.
    { (printf unread; sleep 30) | in_namespace timeout 30 socat -d -d -t 30 - TCP:10.0.0.2:81 || true; } \
        >deaf.out 2>deaf.err &
    local deaf=$!
    kept() { crowd stats && [ "$(line stats 2) $(line stats 3)" = "1 1" ]; }
    poll 20 kept
    hv_at stop stopped
    wait "$machine" || true
    wait "$idle"
    wait "$deaf"
    expect "the idle one" "$(<idle.err)" ""
    contains "the deaf one" "$(<deaf.err)" "reset"
}
root_case "a network namespace" "hv stop ends connections as a process's end does" stopped

silence() {
    with_tap
    mkfifo go
    exec 9<>go
    in_namespace timeout 60 socat -u TCP-LISTEN:85,fork,reuseaddr OPEN:/dev/null 2>/dev/null &
    poll 10 in_namespace sh -c 'ss -ltnH "sport = :85" | grep -q .'
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name silence --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 "$images/crowd.elf" -- silence 10.0.0.1 >silence.out 2>silence.err <&9 &
    machine=$!
    poll 20 grep -q connected silence.out
    ip -n "$namespace" addr delete 10.0.0.1/24 dev tap0
    echo >&9
    local late=0
    timeout 60 tail --pid="$machine" -f /dev/null || late=1
    expect "still waiting" "$late" 0
    expect "ends" "$(tail -n 1 silence.out)" \
        "user timeout ETIMEDOUT, keep-alive ETIMEDOUT, requests ETIMEDOUT, neighbour EHOSTUNREACH"
}
root_case "a network namespace" \
    "connections to a silent peer end by TCP_USER_TIMEOUT, keep-alive and TCP_SYNCNT" silence
