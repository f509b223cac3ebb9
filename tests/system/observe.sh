# SPDX-License-Identifier: Apache-2.0
# Observing machines: crashes of detached ones, metrics, top, info, completion, the manual page.

crash_kept() {
    detach bad "$behave" -- abort
    status_of hv_at wait bad
    expect "exit code" "$status" 107
    contains "reason" "$(field bad reason)" "abort()"
    local report
    report=$(<"$RUN/bad/crash.txt")
    contains "report" "$report" "main_thread"
    contains "report" "$report" "The console's last lines"
    expect "event" "$(hv_at events --json bad | jq -r 'select(.event == "crashed").reason' | grep -c 'abort()')" 1
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

debugger() {
    detach dead --on-crash preserve "$behave" -- abort
    poll 20 state_is dead crashed
    local guest
    guest=$(pgrep -P "$(pgrep -P "$(supervisor_of dead)")")
    gdb -batch -nx -ex "symbol-file $behave" -ex 'x/2i $pc' -ex 'info registers rsp' -ex 'detach' -p "$guest" \
        >gdb.out 2>&1 || true
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

# A program that computes: the debugger finds its function, and it goes on where it was.
computing_debugger() {
    start computing "$behave" -- spin
    local guest
    guest=$(pgrep -P "$machine" tenon-guest)
    gdb -batch -nx -ex "symbol-file $behave" -ex 'bt' -ex 'detach' -p "$guest" >gdb.out 2>&1 || true
    contains "backtrace" "$(<gdb.out)" " main (argc=2"
    expect "whom it is traced by" "$(awk '/^TracerPid/ {print $2}' "/proc/$guest/status")" 0
    local used
    used=$(guest_cpu computing)
    poll 20 eval '[ "$(guest_cpu computing)" -gt $((used + 10000000)) ]'
    stop "$machine"
    expect "exit code" "$status" 0
}
guest_cpu() { "$hv" stat --run-dir "$RUN" --json "$1" | jq .machine.guest_cpu_ns; }
debugger_case "gdb finds a running program's function, and the program goes on" computing_debugger

# By the clock, as a virtual machine may have no counters.
profiler() {
    start profiled "$behave" -- spin
    timeout 30 perf record -e cpu-clock -g -o perf.data -p "$(pgrep -P "$machine" tenon-guest)" -- sleep 0.5 \
        >perf.out 2>&1
    timeout 60 perf report -i perf.data --no-children --stdio -g none --sort symbol >report 2>/dev/null
    cat report
    # The first line is where most samples are.
    expect "function with the most samples" "$(awk '/%/ {print $3; exit}' report)" main
    stop "$machine"
    expect "exit code" "$status" 0
}
if command -v perf >/dev/null && perf record -e cpu-clock -o "$scratch/perf.trial" true >/dev/null 2>&1; then
    test_case "perf names the functions of a running guest" profiler
else
    skip_case "perf names the functions of a running guest" \
        "perf is missing or not permitted (kernel.perf_event_paranoid)"
fi

metrics() {
    detach one "$images/idle.elf"
    detach two "$images/idle.elf"
    hv_at metrics >figures
    expect "machines" "$(grep -c '^tenon_up{machine="[a-z]*"} 1$' figures)" 2
    contains "counters" "$(<figures)" 'tenon_hypercall_calls_total{machine="one"}'
    # Each metric has one HELP and one TYPE line, ahead of its samples; all that hv counts is described.
    expect "TYPE lines given twice" "$(grep '^# TYPE' figures | sort | uniq -d)" ""
    expect "metrics with HELP" "$(awk '/^# HELP/ {print $3}' figures)" "$(awk '/^# TYPE/ {print $3}' figures)"
    expect "metrics that are not described" "$(grep -c 'unknown to this hv' figures || true)" 0
    expect "counters that do not end in _total, and gauges that do" \
        "$(awk '/^# TYPE/ && ($4 == "counter") != ($3 ~ /_total$/)' figures)" ""
    contains "resident memory" "$(<figures)" 'tenon_machine_resident_bytes{machine="one"}'
    local type='# (TYPE tenon_[a-z0-9_]+ (counter|gauge)|HELP tenon_[a-z0-9_]+ [A-Za-z0-9].*)'
    local sample='tenon_[a-z0-9_]+\{machine="[^"]+"(,disk="vd[a-h]")?\} [0-9.e+-]+'
    expect "lines that are none of the format" "$(grep -Evc "^($type|$sample)\$" figures || true)" 0
    "$hv" metrics --run-dir "$RUN" --listen 127.0.0.1:0 2>listen.err &
    local server=$!
    poll 10 grep -q http listen.err
    local url
    url=$(sed -n 's#.*\(http://[^ ]*\)#\1#p' listen.err)
    expect "machines over HTTP" "$(curl --silent --fail --max-time 10 "$url" | grep -c '^tenon_up')" 2
    expect "another path" \
        "$(curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "${url%metrics}x")" 404
    # A machine that hangs is reported as down, and delays the others by a second at most.
    kill -STOP "$(pgrep -P "$(supervisor_of two)")"
    expect "the hung one" "$(curl --silent --fail --max-time 10 "$url" | grep '^tenon_up{machine="two"}')" \
        'tenon_up{machine="two"} 0'
    kill -INT "$server"
    wait "$server"
    # The socket of one that was killed is replaced, a file is not.
    "$hv" metrics --run-dir "$RUN" --listen ./metrics.sock 2>/dev/null &
    server=$!
    poll 10 test -S metrics.sock
    kill -KILL "$server"
    wait "$server" || true
    "$hv" metrics --run-dir "$RUN" --listen ./metrics.sock 2>/dev/null &
    server=$!
    poll 10 eval 'curl --silent --fail --unix-socket metrics.sock http://localhost/metrics | grep -q ^tenon_up'
    refused 104 "metrics.sock" "$hv" metrics --run-dir "$RUN" --listen ./metrics.sock
    kill -INT "$server"
    wait "$server"
    echo precious >metrics.sock
    refused 104 "metrics.sock" "$hv" metrics --run-dir "$RUN" --listen ./metrics.sock
    expect "the file" "$(<metrics.sock)" precious
    status_of hv_at metrics --listen nowhere
    expect "exit code for a wrong address" "$status" 100
}
test_case "hv metrics gives all machines in Prometheus's format" metrics

top() {
    detach busy "$behave" -- spin
    detach lazy "$images/idle.elf"
    hv_at top >top
    expect "what uses most" "$(sed -n 2p top | cut -d' ' -f1)" busy
    expect "lines" "$(wc -l <top)" 3
    hv_at top --format json >top.json
    expect "what uses most" "$(jq -r '.[0].name' top.json)" busy
    [ "$(jq '.[0].cpu_percent > .[1].cpu_percent' top.json)" = true ]
    expect "machines" "$(jq length top.json)" 2
    contains "columns" "$(head -n 1 top | tr -s ' ')" "CPU% STEAL% RESIDENT MEMORY"
    expect "sorted by name" "$(hv_at top --sort name --json | jq -r '.[].name' | paste -sd ' ')" "busy lazy"
    expect "what has most" "$(hv_at top --sort memory --json | jq 'map(.resident_bytes) | .[0] >= .[1]')" true
    status_of hv_at top --sort colour
    expect "exit code for a wrong column" "$status" 100
    status_of hv_at top --interval 0
    expect "exit code for a wrong interval" "$status" 100
}
test_case "hv top shows what machines use" top

# Wherever resident memory is printed it is the same number, the sum over the machine's processes.
resident_everywhere() {
    [ "$(hv_at stat same --json | jq .machine.resident_bytes)" = "$1" ] &&
        [ "$(memory_field same resident_bytes)" = "$1" ] &&
        [ "$(hv_at info same --json | jq .memory.resident_bytes)" = "$1" ] &&
        [ "$(hv_at top --json | jq '.[] | select(.name == "same").resident_bytes')" = "$1" ] &&
        [ "$(hv_at metrics | sed -n 's/^tenon_machine_resident_bytes{machine="same"} //p')" = "$1" ]
}
resident_of() { awk '/^VmRSS/ {print $2 * 1024}' "/proc/$1/status"; }
resident_is_sum() {
    local sum=0 process
    for process in "$@"; do sum=$((sum + $(resident_of "$process"))); done
    resident_everywhere "$sum"
}
resident() {
    detach same --net user "$behave" -- wait
    local worker
    worker=$(pgrep -P "$(supervisor_of same)")
    mapfile -t processes < <(pgrep -P "$worker")
    expect "processes below hv" "${#processes[@]}" 2
    poll 20 resident_is_sum "$worker" "${processes[@]}"
    contains "hv memory" "$(hv_at memory same)" "of all processes of the machine"
}
test_case "resident memory is the same number everywhere: that of hv, the guest and the network helper" resident

# On a terminal the table is drawn anew until the command is ended; new machines appear in the next one.
top_refreshes() {
    detach first "$images/idle.elf"
    script -qefc "$hv top --run-dir $RUN --interval 0.2" /dev/null </dev/null >screen 2>&1 &
    local terminal=$!
    poll 10 drawn 2
    detach second "$images/idle.elf"
    poll 10 grep -q '^second ' screen
    kill -TERM "$terminal"
    wait "$terminal" || true
    contains "columns" "$(<screen)" "CPU%"
}
drawn() { [ "$(grep -c $'\033\\[H' screen)" -ge "$1" ]; }
test_case "hv top on a terminal draws its table again and again" top_refreshes

# Keys sort the table, and leave it.
keys() {
    detach keyed "$images/idle.elf"
    mkfifo keys.in
    script -qefc "$hv top --run-dir $RUN --interval 0.2" /dev/null <keys.in >screen 2>&1 &
    local terminal=$! input
    exec {input}>keys.in
    poll 10 grep -q 'q leaves' screen
    contains "order" "$(<screen)" "sorted by cpu"
    printf m >&"$input"
    poll 10 grep -q 'sorted by memory' screen
    printf x >&"$input"
    printf a >&"$input"
    poll 10 grep -q 'sorted by name' screen
    printf q >&"$input"
    status=0
    wait "$terminal" || status=$?
    exec {input}>&-
    expect "exit code" "$status" 0
    expect "the terminal's own screen, left and shown again" \
        "$(grep -o -a $'\033\\[?1049[hl]' screen | tr -d '\033' | paste -sd ' ')" "[?1049h [?1049l"
}
test_case "hv top: keys sort the table, q leaves it" keys

info() { hv_at info --json "$1" | jq -r "$2"; }
# Times are of the state: they begin anew with each.
older_than() { [ "$(field "$1" state_seconds | cut -d. -f1)" -ge "$2" ]; }
# other_states NAME: seconds that the running machine has been in other states before.
other_states() { info "$1" '.uptime_seconds - .state_seconds'; }
not_less() { expect "$1" "$(jq -n "$2 >= $3")" true; }
state_times() {
    detach timed "$behave" -- wait
    poll 20 older_than timed 2
    local running paused
    running=$(field timed state_seconds)
    hv_at pause timed
    not_less "time before the pause" "$(other_states timed)" "$running"
    contains "hv ps" "$(hv_at ps | tr -s ' ')" "timed paused"
    contains "hv info" "$(hv_at info timed | tr -s ' ')" "state paused for"
    poll 20 older_than timed 1
    paused=$(field timed state_seconds)
    hv_at resume timed
    not_less "time before it went on" "$(other_states timed)" "$running + $paused"
    hv_at stop timed
    not_less "time since its start before it ended" "$(info timed 'now - .started - .state_seconds')" \
        "$running + $paused"
    contains "hv info of one that has ended" "$(hv_at info timed | tr -s ' ')" " ago"
    poll 20 older_than timed 1
}
test_case "the time that hv ps and hv info show is that of the state" state_times

published() {
    detach open --net user,127.0.0.2:0:80,0:53/udp "$behave" -- wait
    local tcp udp
    tcp=$(hv_at ps --json | jq '.[0].ports[0].host_port')
    udp=$(hv_at ps --json | jq '.[0].ports[1].host_port')
    [ "$tcp" != 0 ]
    contains "hv ps" "$(hv_at ps)" "127.0.0.2:$tcp->80/tcp, 127.0.0.1:$udp->53/udp"
    contains "hv info" "$(hv_at info open)" "127.0.0.2:$tcp->80/tcp, 127.0.0.1:$udp->53/udp"
    expect "JSON" "$(hv_at ps --json | jq -c '.[0].ports[1]')" \
        "{\"host_address\":\"127.0.0.1\",\"host_port\":$udp,\"guest_port\":53,\"protocol\":\"udp\"}"
    detach closed "$images/idle.elf"
    expect "of one without" "$(hv_at info closed --json | jq -c .ports)" "[]"
    contains "hv ps of one without" "$(hv_at ps | tr -s ' ')" "64M - idle.elf"
}
test_case "hv ps and hv info show published ports" published

# counts_agree NAME: packets, as hv and as the guest counts them.
counts_agree() {
    local agree
    agree=$(info "$1" '.network.tx_packets == (.guest.interfaces[] | select(.mac) | .tx_packets)')
    [ "$agree" = true ]
}

info_of_guest() {
    truncate --size 4M info.raw
    detach known --net user --disk info.raw "$behave" -- disk hold /dev/vda 8192 text
    poll 20 test -S "$RUN/known/agent.sock"
    poll 20 has_address known
    expect "processor" "$(info known .cpu.vcpus)" 1
    expect "host name" "$(info known .guest.host_name)" tenon
    contains "system" "$(info known .guest.system)" Tenon
    expect "versions" "$(info known '.guest.versions | keys | join(" ")')" "hypercall_abi image tenon tools"
    expect "memory" "$(info known '.guest.memory | .free_bytes > 0 and .free_bytes < .total_bytes')" true
    expect "resident" "$(info known '.memory.resident_bytes > 0')" true
    expect "load" "$(info known '.guest.load | length')" 3
    expect "the disk" "$(info known '.disks[0] | [.name, .id, .capacity_bytes, .written_bytes] | join(" ")')" \
        "vda disk0 4194304 4096"
    expect "the guest's disk" "$(info known '.guest.disks[0] | [.name, .written_sectors] | join(" ")')" "vda 8"
    # One answer counts at two moments.
    poll 20 counts_agree known
    hv_at info known >text
    contains "address" "$(<text)" ", 10.0.2.15/24"
    contains "disk" "$(tr -s ' ' <text)" "vda $PWD/info.raw, 4.0 MiB"
    contains "written" "$(tr -s ' ' <text)" "written 4.0 KiB in 1 requests"
    expect "sections" "$(grep -v '^ ' text | paste -sd ' ' | tr -s ' ')" " Guest Processor Memory Network Disks"
    expect "JSON among it" "$(grep -c '[{}"]' text || true)" 0
    hv_at stop known
    expect "state" "$(info known .state)" ended
    expect "exit code" "$(info known .exit_code)" 0
    expect "what only a running machine has" \
        "$(info known '[.guest, .cpu, .disks] | map(select(. != null)) | length')" 0
    contains "text" "$(hv_at info known | tr -s ' ')" "stopped by event"
}
has_address() { [ "$(info "$1" '.guest.interfaces[]? | select(.mac) | .addresses[0]')" = 10.0.2.15/24 ]; }
test_case "hv info tells what hv, the record and the guest's agent know" info_of_guest

info_without() {
    detach plain "$images/idle.elf"
    expect "state" "$(info plain .state)" running
    expect "guest" "$(info plain .guest)" null
    contains "text" "$(hv_at info plain)" "idle.elf"
    detach still-here "$behave" -- wait
    hv_at pause still-here
    expect "guest of one that is paused" "$(info still-here .guest)" null
    expect "its processor" "$(info still-here .cpu.vcpus)" 1
    # An agent that has its port, and never answers; an hv that does not. Each is given its time, not more.
    detach mute "$behave" -- masked-later
    poll 20 test -S "$RUN/mute/agent.sock"
    poll 20 agent_is_mute
    expect "guest whose agent hangs" "$(timeout 5 "$hv" info --run-dir "$RUN" --json mute | jq .guest)" null
    kill -STOP "$(pgrep -P "$(supervisor_of mute)")"
    expect "state of one whose hv hangs" "$(timeout 5 "$hv" info --run-dir "$RUN" --json mute | jq -r .state)" \
        unresponsive
    contains "text" "$(hv_at info mute)" "unresponsive"
    status_of hv_at info nobody
    expect "exit code for nobody" "$status" 101
}
agent_is_mute() { ! hv_at agent --timeout 300 mute guest-ping >/dev/null 2>&1; }
test_case "hv info of a machine without an agent, with one that hangs, with an hv that hangs" info_without

# hv asks fifty machines at once. Ten that hang cost the time limit of one; one after the other they would cost ten
# times as much.
crowd() {
    local number hung=() names
    for number in $(seq 50); do detach "crowd-$number" --memory 16M "$images/idle.elf"; done
    for number in $(seq 5 5 50); do hung+=("$(pgrep -P "$(supervisor_of "crowd-$number")")"); done
    kill -STOP "${hung[0]}"
    local begin one ten
    begin=$(now_ms)
    timeout 60 "$hv" ps --run-dir "$RUN" --json >crowd.json
    one=$(($(now_ms) - begin))
    kill -STOP "${hung[@]}"
    begin=$(now_ms)
    timeout 60 "$hv" ps --run-dir "$RUN" --json >crowd.json
    ten=$(($(now_ms) - begin))
    echo "hv ps takes $one ms with one that hangs, $ten ms with ten"
    [ "$ten" -lt $((one * 5)) ]
    jq -r '.[] | select(.name | startswith("crowd")).state' crowd.json >crowd.states
    expect "states" "$(sort crowd.states | uniq -c | tr -s ' ' | paste -sd ,)" " 40 running, 10 unresponsive"
    timeout 60 "$hv" metrics --run-dir "$RUN" >crowd.metrics
    expect "those that are up" "$(grep -c '^tenon_up{machine="crowd-.*} 1$' crowd.metrics)" 40
    expect "those that are not" "$(grep -c '^tenon_up{machine="crowd-.*} 0$' crowd.metrics)" 10
    timeout 60 "$hv" top --run-dir "$RUN" --json >crowd.top
    expect "lines of hv top" "$(jq '[.[] | select(.name | startswith("crowd"))] | length' crowd.top)" 50
    # Ended together, the hung ones by force.
    mapfile -t names < <(seq -f 'crowd-%g' 50)
    hv_at kill "${names[@]}"
    expect "what still runs" "$(hv_at ps -q | grep -c crowd || true)" 0
    hv_at rm "${names[@]}"
}
test_case "ten hung machines of fifty hold hv ps, metrics and top up no longer than one" crowd

# One hung machine of ten: the scrape has every figure of the other nine, and says that the hung one is down.
series_of() { sed -n "s/^\(tenon_[a-z_]*{machine=\"$1\"[^}]*}\) .*/\1/p" "$2"; }
one_hangs() {
    local number names
    mapfile -t names < <(seq -f 'ten-%g' 10)
    for number in "${names[@]}"; do detach "$number" --memory 16M "$images/idle.elf"; done
    "$hv" metrics --run-dir "$RUN" --listen 127.0.0.1:0 2>ten.err &
    local server=$! url
    poll 10 grep -q http ten.err
    url=$(sed -n 's#.*\(http://[^ ]*\)#\1#p' ten.err)
    curl --silent --fail --max-time 10 "$url" >all.metrics
    kill -STOP "$(pgrep -P "$(supervisor_of ten-3)")"
    curl --silent --fail --max-time 10 "$url" >nine.metrics
    [ "$(series_of ten-1 all.metrics | wc -l)" -gt 40 ]
    for number in "${names[@]}"; do
        [ "$number" != ten-3 ] || continue
        expect "series of $number" "$(series_of "$number" nine.metrics)" "$(series_of "$number" all.metrics)"
    done
    expect "the hung one is up" "$(grep '^tenon_up{machine="ten-3"}' nine.metrics)" 'tenon_up{machine="ten-3"} 0'
    expect "states" "$(hv_at ps --json | jq -r '.[].state' | sort | uniq -c | tr -s ' ' | paste -sd ,)" \
        " 9 running, 1 unresponsive"
    expect "lines of hv top" "$(hv_at top | grep -c '^ten-.* running ')" 9
    contains "hv info of the hung one" "$(hv_at info ten-3)" unresponsive
    kill -INT "$server"
    wait "$server"
    hv_at kill "${names[@]}"
    hv_at rm "${names[@]}"
}
test_case "a machine that hangs among ten costs a scrape none of the others' figures" one_hangs

# Every command that prints figures takes both.
formats() {
    detach shown "$behave" -- wait
    poll 20 test -S "$RUN/shown/agent.sock"
    local command
    for command in "ps" "info shown" "stat shown" "top" "memory shown" "balloon shown" "agent shown guest-ping" \
        "events shown"; do
        # shellcheck disable=SC2086 # words
        hv_at $command --json | jq -e . >/dev/null || { echo "hv $command --json"; return 1; }
        # shellcheck disable=SC2086 # words
        hv_at $command --format json | jq -e . >/dev/null || { echo "hv $command --format json"; return 1; }
        # shellcheck disable=SC2086 # words
        status_of hv_at $command --format xml
        expect "exit code of hv $command --format xml" "$status" 100
        contains "message" "$output" "--format"
    done
    expect "balloon" "$(hv_at balloon shown --json | jq -c .)" '{"target_bytes":0,"actual_bytes":0}'
    status_of hv_at agent shown guest-ping --format table
    expect "exit code of a table of what is JSON" "$status" 100
}
test_case "--json and --format json are the same, wherever figures are printed" formats

# Every command and every option that help names is in the completions and on the manual page.
generated() {
    "$hv" completion bash >completion.bash
    bash -n completion.bash
    "$hv" completion fish >completion.fish
    "$hv" man | sed 's/\\-/-/g' >hv.1
    local command option word
    for command in $("$hv" --help | sed -n '/^Commands/,$ s/^  \([a-z]*\) .*/\1/p'); do
        grep -q "^.SS \"hv $command\"" hv.1 || { echo "not on the manual page: $command"; return 1; }
        grep -q " -a $command " completion.fish || { echo "not in fish's completion: $command"; return 1; }
        grep -q "^    $command) " completion.bash || { echo "not in bash's completion: $command"; return 1; }
        sed -n "/^.SS \"hv $command\"/,/^.S[SH]/p" hv.1 >page
        for option in $("$hv" "$command" --help | grep -o -e '^  .*' | cut -c1-30 |
            grep -o -E -e '(^|[ ,])-(-[a-z-]+|[a-z])' | tr -d ' ,'); do
            grep -q -e "^.B.*$option\>" page || { echo "not on the manual page: $command $option"; return 1; }
            grep "^    $command) " completion.bash | grep -q -e "[ ']${option}[ ']" || {
                echo "not in bash's: $command $option"
                return 1
            }
            word="-l ${option#--}"
            if [[ $option != --* ]]; then word="-s ${option#-}"; fi
            grep "__fish_seen_subcommand_from $command'" completion.fish | grep -q -e " $word\>" || {
                echo "not in fish's: $command $option"
                return 1
            }
        done
        # Positional arguments, too.
        for word in $("$hv" "$command" --help | sed -n '/^Arguments/,/^$/ s/^  \([A-Z-]*\) .*/\1/p'); do
            grep -q "^.B $word" page || { echo "not on the manual page: $command $word"; return 1; }
        done
    done
    # The lists above were not empty.
    [ "$(grep -c '^.SS' hv.1)" -ge 20 ]
    status_of "$hv" completion tcsh
    expect "exit code for another shell" "$status" 100
}
test_case "completion and manual page have every command and option" generated

# completed EXPECTED WORDS...: what bash offers for the last of WORDS, sorted.
completed() {
    COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
    _hv
    expect "completion of '${*:2}'" "$(printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort | paste -sd ' ')" "$1"
}
completes() {
    export HV_RUN_DIR=$RUN
    detach formed "$images/idle.elf"
    # shellcheck source=/dev/null
    source <("$hv" completion bash)
    mkdir work
    cd work
    touch form.json
    mkdir forms
    completed "start stat stop" hv st
    completed "--restart" hv run --resta
    completed "pv" hv run --accel p
    completed "kvm" hv run --accel = k
    completed "always no on-failure" hv run --restart ""
    completed "form.json forms" hv run fo
    completed "form.json forms" hv run --config fo
    completed "form.json forms" hv run --accel pv --disk = fo
    completed "forms" hv run --run-dir fo
    completed "" hv run --name fo
    completed "" hv run form.json fo
    completed "" hv run form.json -- fo
    completed "" hv ps fo
    completed "--filter" hv ps --fil
    completed "formed" "$hv" stop fo
    completed "formed" "$hv" stop other fo
    completed "formed" "$hv" logs fo
    completed "" "$hv" logs formed fo
    completed "" "$hv" logs -n fo
    completed "zsh" hv completion z
    completed "" hv completion zsh fo
    completed "balance balloon" hv help ba
    completed "" hv nonsense fo
}
test_case "bash completes commands, options, values and machines, and files only where a file goes" completes

sections() {
    "$hv" man >hv.1
    expect "sections" "$(sed -n 's/^\.SH //p' hv.1 | paste -sd ,)" \
        "NAME,SYNOPSIS,DESCRIPTION,OPTIONS,COMMANDS,EXIT STATUS,ENVIRONMENT,FILES,EXAMPLES,SEE ALSO"
    contains "environment" "$(<hv.1)" HV_RUN_DIR
    contains "an exit code" "$(<hv.1)" ".B 106"
    contains "quotes that a shell takes" "$(<hv.1)" '\(aq{"mode": "reboot"}\(aq'
    if command -v man >/dev/null && command -v groff >/dev/null; then
        expect "what man says of it" "$(man --warnings -E UTF-8 -l -Tutf8 -Z hv.1 2>&1 >/dev/null)" ""
        printf '.TH X 1\n.no-such-macro\n' >wrong.1
        contains "what it says of a wrong one" "$(man --warnings -E UTF-8 -l -Tutf8 -Z wrong.1 2>&1 >/dev/null)" \
            no-such-macro
    fi
    # Every line of an example is a command that hv knows.
    local command commands
    mapfile -t commands < <(sed -n '/^.SH EXAMPLES/,/^.SH SEE/ s/^.B hv \([a-z]*\).*/\1/p' hv.1)
    [ ${#commands[@]} -ge 5 ]
    for command in "${commands[@]}"; do "$hv" help "$command" >/dev/null; done
}
test_case "the manual page has its sections, and man has nothing to say against it" sections
