# SPDX-License-Identifier: Apache-2.0
# hv console: a terminal that is attached to a detached machine, by script(1), and several at once.

# terminal FILE ARGUMENTS...: hv console on a terminal of its own. Its keys are what is written to FILE.keys; the screen
# is in FILE; its process is in $terminal.
terminal() {
    local file=$1
    shift
    mkfifo "$file.keys"
    local command="stty -a >$file.before; $hv console --run-dir $RUN $*; echo status \$?; stty -a >$file.after"
    script -qefc "$command" /dev/null <"$file.keys" >"$file" 2>&1 &
    terminal=$!
    exec {keys}>"$file.keys"
}
shows() { grep -q -- "$2" "$1"; }
# At least once, because two clients may both send the line.
said() { [ "$(hv_at logs "$1" | grep -c "^echo: $2")" -ge 1 ]; }

late_terminal() {
    detach talk "$behave" -- echo
    printf 'wearly\n' | nc -N -U "$RUN/talk/console.sock" >/dev/null
    poll 10 said talk early
    terminal screen talk
    poll 10 shows screen "echo: early"
    printf 'typed here\n' >&"$keys"
    poll 10 shows screen "echo: typed here"
    # Half a line does not hold the key up.
    printf 'half\035' >&"$keys"
    poll 10 gone "$terminal"
    contains "screen" "$(<screen)" "machine 'talk': detached"
    contains "exit code" "$(<screen)" "status 0"
    cmp screen.before screen.after
    expect "state" "$(field talk state)" running
}
test_case "a terminal that is attached late sees what was said, types lines, and leaves by its key" late_terminal

raw_terminal() {
    detach keys "$behave" -- echo
    printf 'wfirst\n' | nc -N -U "$RUN/keys/console.sock" >/dev/null
    poll 10 said keys first
    terminal keyscreen --raw keys
    # Earlier output comes only when the terminal is already raw.
    poll 10 shows keyscreen "echo: first"
    # Not a line, and not a signal for hv: both go to the guest. The second key shows that the first one has arrived.
    printf '\003' >&"$keys"
    printf 'a\n' >&"$keys"
    poll 10 shows keyscreen $'echo: \003a'
    printf '\035' >&"$keys"
    poll 10 gone "$terminal"
    contains "exit code" "$(<keyscreen)" "status 0"
    cmp keyscreen.before keyscreen.after
}
test_case "a raw terminal gives every key to the guest" raw_terminal

left_by_signal() {
    detach left "$behave" -- wait
    local signal
    for signal in TERM HUP; do
        terminal "screen.$signal" --raw left
        poll 10 pgrep -f "^$hv console .* left\$"
        poll 10 eval 'stty -a <"/proc/$(pgrep -f "^$hv console .* left\$")/fd/0" | grep -q -e -isig'
        pkill "-$signal" -f "^$hv console .* left\$"
        poll 10 gone "$terminal"
        cmp "screen.$signal.before" "screen.$signal.after"
        exec {keys}>&-
    done
    state_is left running
}
test_case "a signal that ends hv console leaves the terminal as it was" left_by_signal

one_writes() {
    detach busy "$behave" -- echo
    terminal first busy
    local first=$keys
    printf 'one\n' >&"$first"
    poll 10 shows first "echo: one"
    terminal second busy
    poll 10 shows second "another terminal writes to this console"
    printf 'two\n' >&"$keys"
    printf 'three\n' >&"$first"
    poll 10 shows second "echo: three"
    expect "lines of who may only read" "$(hv_at logs busy | grep -c 'echo: two' || true)" 0
    hv_at kill busy
    poll 10 shows first "its console is closed"
    poll 10 shows second "its console is closed"
}
test_case "one terminal writes, others read, and all hear of the machine's end" one_writes

nothing_to_attach_to() {
    status_of hv_at console nobody
    expect "exit code for nobody" "$status" 101
    start front "$behave" -- wait
    status_of hv_at console front
    expect "exit code for one in the foreground" "$status" 101
    contains "message" "$output" "hv run -d"
    stop "$machine"
    detach over "$behave" -- exit 0
    hv_at wait over
    status_of hv_at console over
    expect "exit code for one that has ended" "$status" 101
    contains "message" "$output" "hv logs"
}
test_case "a console that is not there is a named error" nothing_to_attach_to
