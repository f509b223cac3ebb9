# SPDX-License-Identifier: Apache-2.0
# What a command costs beside many machines, in system calls, which unlike times are the same on every host.

# calls FILE: the number of system calls in strace's output.
calls() { grep -vc ' resumed>' "$1"; }
lives_for() { [ "$(ps -o etimes= -p "$1")" -ge "$2" ]; }

# start_calls FILE: traces a machine from its start to its end. It lives for two seconds, because hv does something one
# second after the start.
start_calls() {
    strace -f -o "$1" "$hv" run -d --rm --run-dir "$RUN" --accel pv --name probe --memory 16M "$images/idle.elf" \
        >/dev/null &
    local tracer=$! supervisor
    poll 20 has_supervisor probe
    supervisor=$(supervisor_of probe)
    poll 20 lives_for "$supervisor" 2
    hv_at stop probe
    wait "$tracer"
}
has_supervisor() { [ -n "$(supervisor_of "$1")" ]; }
# look_calls NUMBER: traces the commands that look at all machines, each into COMMAND.NUMBER.
look_calls() {
    local command
    for command in ps metrics top balance; do
        local options=()
        [ "$command" != balance ] || options=(--once --dry-run)
        strace -f -o "$command.$1" "$hv" "$command" --run-dir "$RUN" "${options[@]}" >/dev/null
    done
}

costs_beside() {
    local number names command few many
    mapfile -t names < <(seq -f 'crowd-%g' 50)
    for number in "${names[@]:0:5}"; do detach "$number" --memory 16M "$images/idle.elf"; done
    start_calls start.5
    look_calls 5
    for number in "${names[@]:5}"; do detach "$number" --memory 16M "$images/idle.elf"; done
    start_calls start.50
    look_calls 50
    hv_at kill "${names[@]}"
    hv_at rm "${names[@]}"
    few=$(calls start.5) many=$(calls start.50)
    echo "one more machine beside 5: $few calls, beside 50: $many"
    between "calls of one more machine beside 50" "$many" 100 $((few * 11 / 10))
    # Nor does it touch what is another's.
    expect "calls that name another machine" "$(grep -c crowd- start.50 || true)" 0
    for command in ps metrics top balance; do
        few=$(calls "$command.5") many=$(calls "$command.50")
        echo "$command of 5 machines: $few calls, of 50: $many"
        between "calls of hv $command for 50 machines" "$many" "$few" $((few * 12))
    done
}
if command -v strace >/dev/null; then
    test_case "one more machine costs the same beside 50 as beside 5; looking at all costs each the same" costs_beside
else
    skip_case "one more machine costs the same beside 50 as beside 5" "there is no strace"
fi
