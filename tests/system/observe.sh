# SPDX-License-Identifier: Apache-2.0
# What is seen of machines: crashes of detached ones, metrics, top, info, completion, the manual page.

crash_kept() {
    detach bad "$behave" -- abort
    status_of hv_at wait bad
    expect "exit code" "$status" 107
    contains "reason" "$(field bad reason)" "abort()"
    local report
    report=$(<"$RUN/bad/crash.txt")
    contains "report" "$report" "main_thread"
    contains "report" "$report" "The console's last lines"
    expect "event" "$(hv_at events bad | jq -r 'select(.event == "crashed").reason' | grep -c 'abort()')" 1
    detach faulty "$behave" -- fault
    status_of hv_at wait faulty
    contains "registers" "$(<"$RUN/faulty/crash.txt")" "rip 0000010000"
}
test_case "a crash leaves a report in the kept directory" crash_kept

crash_policies() {
    detach phoenix --on-crash restart "$behave" -- abort
    poll 20 restarted phoenix 2
    hv_at rm -f phoenix
    detach plain --on-crash exit "$behave" -- abort
    status_of hv_at wait plain
    expect "restarts" "$(field plain restarts)" 0
    status_of hv_at run -d --on-crash panic "$images/hello.elf"
    expect "exit code for a wrong policy" "$status" 100
}
test_case "--on-crash decides what a crash does" crash_policies

# As root: the guest's process is of a user namespace of its own, and not dumpable.
debugger_case() {
    if [ "$(id -u)" = 0 ] && command -v gdb >/dev/null; then
        test_case "$@"
    else
        skip_case "$1" "needs root and gdb"
    fi
}

debugger() {
    detach dead --on-crash preserve "$behave" -- abort
    poll 20 state_is dead crashed
    local guest
    guest=$(pgrep -P "$(pgrep -P "$(supervisor_of dead)")")
    gdb -batch -nx -ex "symbol-file $behave" -ex 'x/2i $pc' -ex 'info registers rsp' -ex 'detach' -p "$guest" >gdb.out 2>&1 || true
    contains "gdb" "$(<gdb.out)" "rsp            0x100"
    hv_at stop dead
    expect "exit code" "$(field dead exit_code)" 107
}
debugger_case "gdb looks at a guest that is preserved after its crash" debugger

running_debugger() {
    detach live "$images/idle.elf"
    local guest
    guest=$(pgrep -P "$(pgrep -P "$(supervisor_of live)")")
    gdb -batch -nx -ex "symbol-file $images/idle.elf" -ex 'bt' -ex 'detach' -p "$guest" >gdb.out 2>&1 || true
    contains "backtrace" "$(<gdb.out)" "tenon::"
    hv_at stop live
    expect "exit code after the debugger has left" "$(field live exit_code)" 0
}
debugger_case "gdb attaches to a running guest, shows where it is, and leaves it running" running_debugger

metrics() {
    detach one "$images/idle.elf"
    detach two "$images/idle.elf"
    hv_at metrics >figures
    expect "machines" "$(grep -c '^tenon_up{machine="[a-z]*"} 1$' figures)" 2
    contains "counters" "$(<figures)" 'tenon_hypercall_calls{machine="one"}'
    # Each metric has one TYPE line, ahead of its samples.
    expect "TYPE lines given twice" "$(grep '^# TYPE' figures | sort | uniq -d)" ""
    expect "lines that are none of the format" \
        "$(grep -Evc '^# TYPE tenon_[a-z0-9_]+ (counter|gauge)$|^tenon_[a-z0-9_]+\{machine="[^"]+"(,disk="vd[a-h]")?\} [0-9.e+-]+$' figures || true)" 0
    "$hv" metrics --run-dir "$RUN" --listen 127.0.0.1:0 2>listen.err &
    local server=$!
    poll 10 grep -q http listen.err
    local url
    url=$(sed -n 's#.*\(http://[^ ]*\)#\1#p' listen.err)
    expect "machines over HTTP" "$(curl --silent --fail --max-time 10 "$url" | grep -c '^tenon_up')" 2
    expect "another path" "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "${url%metrics}x")" 404
    # One that hangs is down, and holds nobody up for more than its second.
    kill -STOP "$(pgrep -P "$(supervisor_of two)")"
    expect "the hung one" "$(curl --silent --fail --max-time 10 "$url" | grep '^tenon_up{machine="two"}')" 'tenon_up{machine="two"} 0'
    kill -INT "$server"
    wait "$server"
    status_of hv_at metrics --listen nowhere
    expect "exit code for a wrong address" "$status" 100
}
test_case "hv metrics gives all machines in Prometheus's format" metrics

top_and_info() {
    detach busy "$behave" -- spin
    detach lazy "$images/idle.elf"
    hv_at top >top
    expect "what uses most" "$(sed -n 2p top | cut -d' ' -f1)" busy
    expect "lines" "$(wc -l <top)" 3
    expect "info" "$(hv_at info --json lazy | jq -r '.state + " " + .accelerator')" "running pv"
    contains "table" "$(hv_at info lazy)" "idle.elf"
    status_of hv_at info nobody
    expect "exit code for nobody" "$status" 101
    status_of hv_at top --sort colour
    expect "exit code for a wrong column" "$status" 100
}
test_case "hv top and hv info show what machines use" top_and_info

# Every command and every option that help names is in the completions and on the manual page.
generated() {
    "$hv" completion bash >completion.bash
    bash -n completion.bash
    "$hv" completion fish >completion.fish
    "$hv" man | sed 's/\\-/-/g' >hv.1
    local command option
    for command in $("$hv" --help | sed -n '/^Subcommands/,$ s/^  \([a-z]*\) .*/\1/p'); do
        grep -q "^.SS \"hv $command\"" hv.1 || { echo "not on the manual page: $command"; return 1; }
        grep -q " -a $command " completion.fish || { echo "not in fish's completion: $command"; return 1; }
        for option in $("$hv" "$command" --help | grep -o -e '^  .*' | cut -c1-30 | grep -o -e '--[a-z-]*'); do
            grep -q -e "$option" hv.1 || { echo "not on the manual page: $command $option"; return 1; }
            grep "^    $command) " completion.bash | grep -q -e "$option" || { echo "not in bash's: $command $option"; return 1; }
        done
    done
    # And it completes.
    source completion.bash
    COMP_WORDS=(hv st) COMP_CWORD=1
    _hv
    contains "completion of 'hv st'" "${COMPREPLY[*]}" stop
    COMP_WORDS=(hv run --resta) COMP_CWORD=2
    _hv
    expect "completion of 'hv run --resta'" "${COMPREPLY[*]}" --restart
    status_of "$hv" completion tcsh
    expect "exit code for another shell" "$status" 100
}
test_case "completion and manual page have every command and option" generated
