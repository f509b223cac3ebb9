# SPDX-License-Identifier: Apache-2.0
# Pausing, resuming and restarting, and their effects on a program.

states() {
    detach still "$behave" -- spin
    local guest worker
    worker=$(pgrep -P "$(supervisor_of still)")
    guest=$(pgrep -P "$worker")
    hv_at pause still
    expect "state" "$(field still state)" paused
    expect "the guest's process" "$(awk '{print $3}' "/proc/$guest/stat")" T
    # Pausing twice is no error.
    hv_at pause still
    local before
    before=$("$hv" stat --run-dir "$RUN" --json still | jq .machine.guest_cpu_ns)
    expect "CPU time of a guest that stands still" \
        "$("$hv" stat --run-dir "$RUN" --json still | jq .machine.guest_cpu_ns)" "$before"
    hv_at resume still
    expect "state" "$(field still state)" running
    expect "events" "$(hv_at events --json still | jq -r .event | grep -c -e paused -e resumed)" 2
    hv_at pause still
    hv_at stop still
    expect "exit code of one that was paused when it was stopped" "$(field still exit_code)" 0
    status_of hv_at pause still
    expect "exit code for one that has ended" "$status" 101
    status_of hv_at resume nobody
    expect "exit code for nobody" "$status" 101
}
test_case "a paused guest does not run; stop wakes it" states

refusals() {
    start api "$behave" -- wait
    local body
    for body in '{"state": "Asleep"}' '{}' '[]' '{"state": 7}' 'x'; do
        expect "answer to $body" "$(code_of api /vm --request PATCH --data "$body")" 400
    done
    expect "resume of one that runs" "$(code_of api /vm --request PATCH --data '{"state": "Resumed"}')" 204
    expect "reboot of one in the foreground" \
        "$(code_of api /actions --request PUT --data '{"action_type": "Reboot"}')" 400
    stop "$machine"
}
test_case "wrong pauses are refused" refusals

# Input that comes during the pause is there after it.
nothing_lost() {
    detach echo "$behave" -- echo
    hv_at pause echo
    printf 'w%s\n' one | nc -N -U "$RUN/echo/console.sock" >/dev/null
    not has_line echo "echo: one"
    hv_at resume echo
    poll 10 has_line echo "echo: one"
    detach web --net user,0:80 "$images/httpd.elf"
    local url
    url=$(sed -n 's#.*\(http://127.0.0.1:[0-9]*/\).*#\1#p' web.err)
    hv_at pause web
    curl --silent --fail --max-time 20 "$url" >page &
    local client=$!
    poll 10 test -e "/proc/$client"
    hv_at resume web
    wait "$client"
    cmp page "$root/images/httpd/files/index.html"
}
test_case "input and packets wait for a paused machine" nothing_lost

often() {
    detach often "$behave" -- flood 100000
    local i
    for i in $(seq 50); do
        [ "$(field often state)" != ended ] || break
        hv_at pause often 2>/dev/null || break
        hv_at resume often 2>/dev/null || break
    done
    hv_at wait often
    contains "last line" "$(hv_at logs -n 1 often)" "line 99999"
}
test_case "pausing again and again loses no output" often

restarts() {
    detach failing --restart on-failure "$behave" -- exit 3
    poll 20 restarted failing 3
    hv_at stop failing
    expect "state" "$(field failing state)" ended
    detach fine --restart on-failure "$behave" -- exit 0
    hv_at wait fine
    expect "restarts of one that ended well" "$(field fine restarts)" 0
    detach always --restart always "$behave" -- exit 0
    poll 20 restarted always 2
    hv_at rm -f always
    # Kept alive over the death of its hv, too.
    detach killed --restart always "$images/idle.elf"
    kill -KILL "$(pgrep -P "$(supervisor_of killed)")"
    poll 20 restarted killed 1
    poll 20 state_is killed running
    hv_at kill killed
    expect "state after hv kill" "$(field killed state)" ended
    status_of hv_at run -d --restart sometimes "$images/hello.elf"
    expect "exit code for a wrong policy" "$status" 100
}
test_case "--restart does as it says, until somebody stops the machine" restarts
