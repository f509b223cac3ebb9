# SPDX-License-Identifier: Apache-2.0
# Guests that take and free memory on command, and hv's figures of a machine's memory.

# play NAME OPTIONS...: a guest that follows tell()'s commands about its memory; its hv's pid in $machine.
play() {
    local name=$1
    shift
    mkfifo "$name.in"
    "$hv" run --run-dir "$RUN" --accel pv --name "$name" --boot-report "$@" "$behave" -- play \
        <"$name.in" >"$name.out" 2>"$name.err" &
    machine=$!
    exec {guest}>"$name.in"
    poll 20 grep -q '^hv: boot' "$name.err"
}
# tell NAME COMMAND...: and waits for the line that answers it, which is left in $answer.
tell() {
    local name=$1 lines
    shift
    lines=$(wc -l <"$name.out")
    echo "$@" >&"$guest"
    poll 60 answered "$name" "$lines"
    answer=$(tail -n 1 "$name.out")
}
answered() { [ "$(wc -l <"$1.out")" -gt "$2" ]; }
figure() { sed -n "s/.*$1 \([0-9]*\).*/\1/p" <<<"$answer"; }
balloon() { "$hv" balloon --run-dir "$RUN" "$@"; }
memory_field() { "$hv" memory --run-dir "$RUN" --json "$1" | jq ".$2"; }
finish_play() {
    echo end >&"$guest"
    exec {guest}>&-
    status=0
    wait "$machine" || status=$?
    expect "exit code" "$status" 0
}
