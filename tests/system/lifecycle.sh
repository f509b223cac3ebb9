# SPDX-License-Identifier: Apache-2.0
# Starting, stopping, arguments, exit codes, the console.

hello() {
    expect "output" "$(hv_run "$images/hello.elf")" "Hello from Tenon"
}
test_case "hello prints its line and exits with 0" hello

cplusplus() {
    expect "output" "$(hv_run "$images/hello-cpp.elf" -- you)" "Hello from C++, you"
}
test_case "a C++ image has streams, threads and exceptions" cplusplus

arguments() {
    expect "output" "$(hv_run "$behave" -- arguments 'two words' --x=1)" $'[arguments]\n[two words]\n[--x=1]'
}
test_case "arguments after -- reach the program, spaces included" arguments

exit_code() {
    status_of hv_run "$behave" -- exit 7
    expect "exit code" "$status" 7
}
test_case "the guest's exit code is hv's" exit_code

flood() {
    hv_run "$behave" -- flood >flood.out
    expect "lines" "$(wc -l <flood.out)" 20000
    expect "last line" "$(tail -n 1 flood.out)" "line 19999 of a flood that must not lose any"
}
test_case "console output is complete when the guest has ended" flood

echo_input() {
    expect "output" "$(printf 'one\ntwo\nend\n' | hv_run "$behave" -- echo)" $'echo: one\necho: two\necho: end'
}
test_case "standard input reaches the program" echo_input

end_of_input() {
    expect "a pipe" "$(printf 'one\ntwo' | hv_run "$behave" -- echo)" $'echo: one\necho: two'
    expect "nothing" "$(hv_run "$behave" -- echo </dev/null)" ""
    printf 'a line\n' >input.txt
    expect "a file" "$(hv_run "$behave" -- echo <input.txt)" "echo: a line"
    # Many lines, so that some wait in the guest's queue when the end comes.
    seq 5000 | hv_run "$behave" -- echo >many.out
    expect "lines of many" "$(wc -l <many.out)" 5000
    expect "the last of many" "$(tail -n 1 many.out)" "echo: 5000"
    expect "no driver" "$(hv_run "$images/hello.elf" </dev/null)" "Hello from Tenon"
}
test_case "the end of standard input reaches the program, behind all that was before it" end_of_input

# Ctrl-D is the key that ends a terminal's input; here with half a line before it, which it sends.
end_of_terminal() {
    { printf 'a line\n'; poll 20 grep -q '^echo: a line' screen; printf '\004'; } |
        timeout 60 script -qefc "$hv run --run-dir $RUN --accel pv $behave -- echo" /dev/null >screen
}
test_case "Ctrl-D ends the input of a program on a terminal" end_of_terminal

environment() {
    expect "output" "$(hv_run --env GREETING='two "words"' --env EMPTY= --env N=1 --env N=2 "$behave" -- environment \
        GREETING EMPTY N MISSING)" $'GREETING=two "words"\nEMPTY=\nN=2\nMISSING is not set'
    expect "by kernel options" "$(hv_run --kernel-options 'env=A=1' "$behave" -- environment A)" "A=1"
}
test_case "--env gives the program its environment" environment

orderly() {
    start orderly "$behave" -- orderly
    stop "$machine"
    expect "exit code" "$status" 42
    contains "output" "$(<orderly.out)" "shutting down"
}
test_case "an interrupt asks the guest, which shuts down in its own way" orderly

idle_stops() {
    start idle "$images/idle.elf"
    stop "$machine" TERM
    expect "exit code" "$status" 0
}
test_case "an idle machine stops when it is asked" idle_stops

stubborn() {
    start stubborn "$behave" -- stubborn
    kill -INT "$machine"
    poll 10 grep -q 'asked to shut down' stubborn.err
    stop "$machine"
    expect "exit code" "$status" 108
}
test_case "a second interrupt kills a guest that does not obey" stubborn

spinning() {
    start spinning "$behave" -- spin
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a guest whose program spins is stopped in order" spinning

killed() {
    start killed "$behave" -- wait
    local guest
    guest=$(pgrep -P "$machine")
    kill -KILL "$machine"
    wait "$machine" || true
    poll 5 gone "$guest"
    # The next machine of the name removes the dead one's files.
    start killed "$behave" -- wait
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "hv killed leaves no guest, and its name can be taken again" killed

many() {
    local number machines=()
    for number in $(seq 10); do
        "$hv" run --run-dir "$RUN" --accel pv --name "many-$number" "$behave" -- exit "$number" &
        machines+=($!)
    done
    for number in $(seq 10); do
        status=0
        wait "${machines[number - 1]}" || status=$?
        expect "exit code of machine $number" "$status" "$number"
    done
}
test_case "ten machines at once end each in its own way" many

overwritten() {
    cp "$images/idle.elf" copy.elf
    start overwritten copy.elf
    head -c "$(stat -c %s copy.elf)" /dev/zero >copy.elf
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "overwriting the image does not disturb a running machine" overwritten

memory_sizes() {
    contains "8 MiB" "$(hv_run --memory 8M "$behave" -- memory)" "took"
    contains "4 GiB, beyond the hole" "$(hv_run --memory 4G "$images/hello.elf")" "Hello"
}
test_case "small and large memory sizes work" memory_sizes
