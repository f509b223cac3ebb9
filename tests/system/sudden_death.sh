# SPDX-License-Identifier: Apache-2.0
# hv's processes killed at any instant of a machine's start: no process keeps running, and no lock stays.

# Processes of a machine that was started in this directory; a guest's process inherits it too.
processes_here() {
    local process
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/cwd")" = "$PWD" ] &&
            [[ $(<"$process/comm") == @(hv|tenon-guest|memfd:*|hv-slirp) ]]; then
            echo "${process#/proc/}"
        fi
    done 2>/dev/null
}
nobody_here() { [ -z "$(processes_here)" ]; }

# A new start under the same name: the killed process holds no lock.
name_is_free() {
    hv_run --name sudden "$images/hello.elf" >hello.out
    expect "what the next machine of the name says" "$(<hello.out)" "Hello from Tenon"
    nothing_left
}

foreground_killed() {
    mkdir -p "$scratch/killed"
    cd "$scratch/killed"
    local microseconds alive=0
    for microseconds in $(seq 100 100 4000); do
        status=0
        timeout --foreground --signal=KILL "$(printf '0.%06d' "$microseconds")" \
            "$hv" run --run-dir "$RUN" --accel pv --net user --name sudden "$behave" -- wait >killed.out 2>&1 ||
            status=$?
        [ "$status" = 137 ] || { cat killed.out; return 1; }
        if ! grep -q . killed.out; then alive=$((alive + 1)); fi
        poll 10 nobody_here
    done
    name_is_free
    # The machine was killed while it started: a refused start would have printed an error.
    [ "$alive" -gt 20 ]
}
test_case "an hv that is killed at any instant of its start leaves nothing" foreground_killed

supervisor_killed_early() {
    mkdir -p "$scratch/early"
    cd "$scratch/early"
    local round starter
    for round in $(seq 30); do
        "$hv" run -d --run-dir "$RUN" --accel pv --name sudden "$behave" -- wait >early.out 2>&1 &
        starter=$!
        # The time of the look varies, so the kill comes at different points of the start.
        poll 10 eval '[ -n "$(processes_here | grep -vx "$starter")" ] || gone "$starter"'
        processes_here | grep -vx "$starter" | head -n "$((round % 3 + 1))" | while read -r process; do
            kill -KILL "$process" 2>/dev/null || true
        done
        status=0
        wait "$starter" || status=$?
        # Whatever of it is still there goes, or can be ended by its name.
        if ! hv_at ps -q | grep -qx sudden; then poll 10 nobody_here; fi
        hv_at rm -f sudden 2>/dev/null || true
        poll 10 nobody_here
    done
    name_is_free
}
test_case "a supervisor or its hv that is killed at any instant of the start leaves nothing" supervisor_killed_early
