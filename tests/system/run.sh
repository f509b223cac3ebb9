#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots machines on hv's pv accelerator and talks to them, as a user would: one file a subject.
set -uo pipefail
cd "$(dirname "$0")"
source ../lib.sh

# Machines of these tests have a run directory of their own, so that what is left behind shows.
export RUN=$scratch/run
behave=$images/behave.elf

hv_run() { timeout 60 "$hv" run --run-dir "$RUN" --accel pv "$@"; }

# start NAME ARGUMENTS...: a machine in the background that is ready; its hv's pid in $machine, its output in NAME.out.
start() {
    local name=$1
    shift
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

# gone PID: it is over, reaped or not.
gone() { [ ! -e "/proc/$1" ] || grep -q '^State:.*Z' "/proc/$1/status"; }

nothing_left() {
    local left
    left=$(find "$RUN" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null || true)
    expect "what is left in the run directory" "$left" ""
}

for subject in lifecycle machines pause observe errors crash api agent memory ballooned zero_pages balance network disk host isolation build; do
    source "./$subject.sh"
done
test_case "nothing is left in the run directory at the end" nothing_left
finish
