# SPDX-License-Identifier: Apache-2.0
# The guest's agent on its socket: with `hv agent`, and with socat, which sends bytes that no client would send.

# raw NAME: sends standard input to the agent unchanged; prints the answers until none comes.
raw() { timeout 30 socat -t 1 - "UNIX-CONNECT:$RUN/$1/agent.sock"; }
sync_request() { printf '{"execute":"guest-sync","arguments":{"id":%s}}' "$1"; }

agent_answers() {
    start_agent answers --net user "$behave" -- wait
    expect ping "$(agent answers guest-ping)" "{}"
    expect "host name" "$(agent answers guest-get-host-name | jq -r '."host-name"')" tenon
    expect system "$(agent answers guest-get-osinfo | jq -r .id)" tenon
    expect image "$(agent answers guest-get-osinfo | jq -r .variant)" behave
    expect "the image in hv info" "$("$hv" info --run-dir "$RUN" answers | sed -n '/^Guest/,$s/^ *image *//p')" behave
    contains commands "$(agent answers guest-info | jq -r '.supported_commands[].name')" guest-network-get-interfaces
    expect "the commands that bash completes" "$(
        # shellcheck source=/dev/null
        source <("$hv" completion bash)
        COMP_WORDS=(hv agent answers "") COMP_CWORD=3
        _hv
        printf '%s\n' "${COMPREPLY[@]}"
    )" "$(agent answers guest-info | jq -r '.supported_commands[].name' | LC_ALL=C sort)"
    expect vcpus "$(agent answers guest-get-vcpus | jq length)" 1
    expect "vcpus set" "$(agent answers guest-set-vcpus '{"vcpus":[{"logical-id":0,"online":true}]}')" 1
    expect address "$(agent answers guest-network-get-interfaces |
        jq -r '.[] | select(."hardware-address") | ."ip-addresses"[0]."ip-address"')" 10.0.2.15
    expect gateway "$(agent answers guest-network-get-route | jq -r '.[] | select(.gateway).gateway')" 10.0.2.2
    [ "$(agent answers guest-network-get-interfaces | jq '[.[].statistics // empty][0]."tx-packets"')" -gt 0 ]
    contains threads "$(agent answers tenon-get-threads | jq -r '.[].name')" main
    [ "$(agent answers tenon-get-memory | jq '."free-bytes" < ."total-bytes"')" = true ]
    expect "file systems" "$(agent answers guest-get-fsinfo | jq -r '.[0].mountpoint')" /
    local name
    for name in guest-get-timezone guest-get-users guest-get-disks guest-get-diskstats guest-get-load \
        guest-get-cpustats \
        guest-get-memory-blocks guest-get-memory-block-info guest-fsfreeze-status tenon-get-versions \
        tenon-get-interface-rates tenon-get-freeze tenon-get-clock; do
        agent answers "$name" | jq . >/dev/null
    done
    stop "$machine"
}
test_case "hv agent carries out the agent's commands" agent_answers

agent_refuses() {
    start_agent refuses-agent "$behave" -- wait
    local name
    for name in guest-exec guest-file-open guest-set-user-password; do
        status_of agent refuses-agent "$name" '{}'
        expect "exit code of $name" "$status" 110
        contains "error of $name" "$output" CommandNotFound
    done
    status_of agent refuses-agent guest-set-vcpus '{"vcpus":[{"logical-id":1,"online":true}]}'
    contains "vCPU 1" "$output" "There is no vCPU 1"
    status_of agent refuses-agent guest-shutdown '{"mode": "sideways"}'
    expect "exit code of a wrong shutdown" "$status" 110
    contains "a wrong shutdown" "$output" \
        "guest-shutdown: Invalid parameter 'mode': 'sideways' is not one of powerdown, halt, reboot (GenericError)"
    status_of agent refuses-agent guest-ping '[1]'
    expect "arguments that are no object" "$status" 100
    status_of agent nobody guest-ping
    expect "no such machine" "$status" 101
    start without "$images/idle.elf"
    status_of agent without guest-ping
    expect "no agent in the image" "$status" 101
    contains "what to do" "$output" "feature 'agent'"
}
test_case "commands that are not there, and machines without an agent, are named errors" agent_refuses

# Without a wait for anything: the agent opens its port some milliseconds after the program has begun.
agent_at_once() {
    detach early "$behave" -- wait
    expect "ping" "$(agent early guest-ping)" "{}"
    hv_at pause early
    status_of agent early guest-ping --timeout 60000
    expect "exit code of a paused machine's" "$status" 100
    contains "the reason" "$output" "paused"
    hv_at resume early
    expect "ping" "$(agent early guest-ping)" "{}"
    # After a second it hangs with interrupts off: then nothing answers.
    detach deaf "$behave" -- masked-later
    silent() { status_of agent deaf guest-ping --timeout 200; [ "$status" != 0 ]; }
    poll 20 silent
    expect "exit code of a time-out" "$status" 108
    contains "the reason" "$output" "within 200 ms"
    kill -STOP "$(pgrep -P "$(supervisor_of deaf)")"
    refused 108 "its hv did not answer within 200 ms" "$hv" agent --run-dir "$RUN" deaf guest-ping --timeout 200
    hv_at kill deaf
}
test_case "an agent is waited for; a paused one and one that is not there are told at once" agent_at_once

agent_time() {
    start_agent times "$behave" -- wait
    local before now
    before=$(date +%s%N)
    now=$(agent times guest-get-time)
    between "the guest's time" "$now" $((before - 1000000000)) $(($(date +%s%N) + 1000000000))
    expect "set" "$(agent times guest-set-time '{"time":1000000000000000000}')" "{}"
    [ $(($(agent times guest-get-time) / 60000000000)) -eq $((1000000000 / 60)) ]
    expect "taken from the host" "$(agent times guest-set-time)" "{}"
    [ "$(agent times guest-get-time)" -ge "$before" ]
    stop "$machine"
}
test_case "the guest's wall clock is read, set, and given back to the host's" agent_time

# Each is followed by a request that must be served.
hostile_bytes() {
    start_agent hostile "$behave" -- wait
    local output
    output=$( { printf '{"execute": "gue\xff'; sync_request 1; } | raw hostile)
    expect "after half a request and the sentinel" "$output" '{"return":1}'
    output=$( { printf 'GET / HTTP/1.1\r\n'; sync_request 2; } | raw hostile | tail -n 1)
    expect "after another protocol" "$output" '{"return":2}'
    output=$( { printf '{"a":"'; head -c 1048576 /dev/zero | tr '\0' x; printf '"}\n'; sync_request 3; } | raw hostile)
    expect "answers to a line of 1 MiB" "$(wc -l <<<"$output")" 2
    expect "after a line of 1 MiB" "$(tail -n 1 <<<"$output")" '{"return":3}'
    output=$( { head -c 100000 /dev/zero | tr '\0' '['; printf '\n'; sync_request 4; } | raw hostile | tail -n 1)
    expect "after a depth of 100000" "$output" '{"return":4}'
    output=$( { head -c 300000 /dev/urandom; printf '\xff'; sync_request 5; } | raw hostile | tail -n 1)
    expect "after noise" "$output" '{"return":5}'
    output=$( { sync_request 6; sync_request 7; } | raw hostile)
    expect "two in one write" "$output" $'{"return":6}\n{"return":7}'
    output=$(sync_request 8 | { while IFS= read -r -n 1 byte; do printf %s "$byte"; done; } | raw hostile)
    expect "byte by byte" "$output" '{"return":8}'
    output=$(printf '\xff{"execute":"guest-sync-delimited","arguments":{"id":9}}\n' | raw hostile |
        od -An -tx1 | tr -d ' \n')
    expect "delimited" "$output" "ff$(printf '{"return":9}\n' | od -An -tx1 | tr -d ' \n')"
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "whatever is sent to the agent, the next request is served" hostile_bytes

# A client that never reads its answer, and one that leaves in the middle of its request: the next one is served.
agent_reconnects() {
    start_agent reconnect "$behave" -- wait
    local round
    for round in 1 2 3; do
        printf '{"execute":' | timeout 10 socat -u - "UNIX-CONNECT:$RUN/reconnect/agent.sock"
        expect "round $round" "$(agent reconnect guest-sync '{"id":17}')" 17
    done
    (for round in $(seq 2000); do printf '{"execute":"guest-info"}\n'; done) |
        timeout 2 socat -u - "UNIX-CONNECT:$RUN/reconnect/agent.sock" || true
    poll 20 agent reconnect guest-ping
    stop "$machine"
}
test_case "an agent survives clients that leave in the middle, or do not listen" agent_reconnects

# Each of 40 commands is answered within its deadline, while the program never stops computing.
agent_while_spinning() {
    start_agent busy "$behave" -- spin
    local number
    for number in $(seq 40); do agent busy guest-ping --timeout 2000 >/dev/null; done
    [ "$(agent busy guest-get-cpustats | jq '.[0] | .user > .system and .user > .idle')" = true ]
    expect "the program's thread" "$(agent busy tenon-get-threads | jq -r 'max_by(."cpu-ms").name')" main
    agent busy guest-shutdown
    status=0
    wait "$machine" || status=$?
    expect "exit code" "$status" 0
}
test_case "an agent answers while the program spins, and shuts the machine down" agent_while_spinning

agent_shutdown() {
    start_agent down "$behave" -- orderly
    agent down guest-shutdown
    status=0
    wait "$machine" || status=$?
    expect "exit code of the program's own handler" "$status" 42
    start_agent again "$behave" -- wait
    agent again guest-shutdown '{"mode":"reboot"}'
    wait "$machine" || true
    start_agent wrong "$behave" -- wait
    status_of agent wrong guest-shutdown '{"mode":"sideways"}'
    expect "a mode that is none" "$status" 110
    stop "$machine"
}
test_case "shutdown and reboot by the agent go the program's way" agent_shutdown

agent_freezes() {
    start_agent frozen "$behave" -- freeze well
    expect freeze "$(agent frozen guest-fsfreeze-freeze)" 1
    expect state "$(agent frozen guest-fsfreeze-status)" '"frozen"'
    status_of agent frozen guest-get-time
    contains "while frozen" "$output" "frozen state"
    expect thaw "$(agent frozen guest-fsfreeze-thaw)" 1
    expect freeze "$(agent frozen guest-fsfreeze-freeze)" 1
    poll 30 thawed_by_itself frozen
    contains "what the user sees" "$(<frozen.out)" "nobody thawed the machine"
    stop "$machine"
    expect "what the program saw" "$(grep -c -e '^frozen$' -e '^thawed$' frozen.out)" 4
}
thawed_by_itself() { [ "$(agent "$1" tenon-get-freeze | jq '."thawed-by-itself"')" = 1 ]; }
test_case "a frozen program is thawed, by the host or by itself" agent_freezes

agent_cannot_freeze() {
    start_agent late "$behave" -- freeze late
    status_of agent late guest-fsfreeze-freeze
    contains "a late handler" "$output" "time limit"
    expect "the agent meanwhile" "$(agent late guest-fsfreeze-status)" '"thawed"'
    # It is thawed when it comes back.
    poll 20 grep -q '^thawed' late.out
    stop "$machine"
    start_agent never "$behave" -- freeze refuses
    status_of agent never guest-fsfreeze-freeze
    contains "a handler that refuses" "$output" "handler refused"
    stop "$machine"
}
test_case "a program that cannot be frozen in time is an error, and the agent goes on" agent_cannot_freeze
