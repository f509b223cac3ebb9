# SPDX-License-Identifier: Apache-2.0
# Machines of a case: started, looked at by `hv ps`, stopped.

hv_run() { timeout 60 "$hv" run --run-dir "$RUN" --accel pv "$@"; }

# forget NAME: removes the machine, if there is one, and its files.
forget() { "$hv" rm -f --run-dir "$RUN" "$1" 2>/dev/null; }

# start NAME ARGUMENTS...: a machine in the background that is ready; its hv's pid in $machine, its output in NAME.out.
start() {
    local name=$1
    shift
    # That of a former machine of the name must not be taken for the report of this one.
    rm -f "$name.err"
    # A failed case leaves no machine to the next one.
    at_end forget "$name"
    "$hv" run --run-dir "$RUN" --accel pv --name "$name" --boot-report "$@" >"$name.out" 2>"$name.err" </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' "$name.err" || { cat "$name.err" >&2; kill -KILL "$machine"; return 1; }
}

# stop PID [SIGNAL]: and its exit status in $status.
stop() {
    kill "-${2:-INT}" "$1"
    status=0
    wait "$1" || status=$?
}

# status_of COMMAND...: its exit status in $status, its output in $output.
status_of() {
    status=0
    output=$("$@" 2>&1) || status=$?
}

# refused CODE PART COMMAND...: exits with CODE, says PART in one line that begins with "hv: ".
refused() {
    local code=$1 part=$2
    shift 2
    status_of timeout 20 "$@"
    expect "exit code of '${*:2}' (which said: $output)" "$status" "$code"
    contains "message" "$output" "$part"
    expect "number of lines of '$output'" "$(wc -l <<<"$output")" 1
    contains "message" "$output" "hv: "
}

# refused_run CODE PART ARGUMENTS...: the same of hv run.
refused_run() { refused "$1" "$2" "$hv" run --run-dir "$RUN" --accel pv "${@:3}"; }

# detach NAME ARGUMENTS...: a detached machine; removed when the case ends.
detach() {
    local name=$1
    shift
    at_end forget "$name"
    "$hv" run -d --run-dir "$RUN" --accel pv --name "$name" "$@" >"$name.out" 2>"$name.err" || {
        cat "$name.err" >&2
        return 1
    }
}
hv_at() { "$hv" "$1" --run-dir "$RUN" "${@:2}"; }
# has_line NAME PATTERN: in the console's log of a detached machine.
has_line() { hv_at logs "$1" 2>/dev/null | grep -q "$2"; }
# field NAME KEY: of hv ps.
field() { hv_at ps -a --format json | jq -r --arg name "$1" --arg key "$2" '.[] | select(.name == $name) | .[$key]'; }
restarted() { [ "$(field "$1" restarts)" -ge "$2" ]; }
state_is() { [ "$(field "$1" state)" = "$2" ]; }
# The worker of a detached machine is the child of its supervisor, which listens on the console's socket.
supervisor_of() { ss -xlpH "src $RUN/$1/console.sock" | sed -n 's/.*pid=\([0-9]*\),.*/\1/p' | head -n 1; }

# As root: the guest's process is of a user namespace of its own, and not dumpable.
debugger_case() {
    if command -v gdb >/dev/null; then root_case "a debugger" "$@"; else skip_case "$1" "there is no gdb"; fi
}

# gone PID: it is over, reaped or not.
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"; }

nothing_left() {
    local left
    left=$(find "$RUN" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null || true)
    expect "what is left in the run directory" "$left" ""
}
