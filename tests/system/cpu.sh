# SPDX-License-Identifier: Apache-2.0
# CPU time: limit, shares, reservation, pins and NUMA node, at start and live. CPU times are compared with each other
# and with the time that passed, as the same answer of hv has them.

cpu_field() { hv_at info --json "$1" | jq -c ".cpu.$2"; }
# A directory in which this shell may make CPU cgroups of v1 or v2, and how they are called.
cpu_line=$(grep -m1 -E '^[0-9]+:([^:]*,)?cpu(,[^:]*)?:' /proc/self/cgroup || true)
own_cpu_cgroup=/sys/fs/cgroup/cpu${cpu_line##*:}
cpu_cgroups_of() { find /sys/fs/cgroup -name "tenon-$1.*" -type d 2>/dev/null; }
# In the root cgroup a confined hv of root cannot remove a directory: the next command does.
no_cgroups_of() {
    hv_at ps -a >/dev/null
    [ -z "$(cpu_cgroups_of "$1")" ]
}
cpu_case() {
    if [ -n "$cpu_line" ] && [ -w "$own_cpu_cgroup/cgroup.procs" ]; then
        test_case "$@"
    else
        skip_case "$1" "no CPU cgroup (v1) that this user may use: sudo make test"
    fi
}

# The CPU on which machines of a case compete.
one_cpu=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
allowed_of() { sed -n 's/^Cpus_allowed_list:[^0-9]*//p' "/proc/$1/status"; }
guest_of() { pgrep -P "$machine" | head -n 1; }

# usage NAME: "CPU-TIME UPTIME" in us, of one moment.
usage() { get "$1" /stats | jq -r '.machine | "\(.guest_cpu_ns / 1000 | floor) \(.uptime_ns / 1000 | floor)"'; }
# permille NAME SECONDS: how much of a CPU it uses for so long.
permille() {
    local before after
    before=$(usage "$1")
    sleep "$2"
    after=$(usage "$1")
    echo "$before $after" | awk '{ printf "%d", 1000 * ($3 - $1) / ($4 - $2) }'
}

# With a weight that keeps other programs of a busy host away.
limits() {
    start limited --cpu limit=0.5,shares=100000 "$behave" -- spin
    between "permille of a CPU with a limit of 0.5" "$(permille limited 3)" 440 550
    [ "$(get limited /cpu | jq .throttled_periods)" -gt 0 ]
    [ "$(counter limited .machine.cpu_throttled_ns)" -gt 0 ]
    hv_at set limited cpu.limit=0.25 cpu.burst=5ms
    between "with a limit of 0.25" "$(permille limited 3)" 210 290
    contains "hv info" "$(hv_at info limited | tr -s ' ')" "limit 0.25 CPUs, burst 5 ms"
    hv_at set limited cpu.limit=none
    [ "$(permille limited 2)" -gt 600 ]
    expect "limit" "$(cpu_field limited limit_millicpus)" null
    expect "burst, which goes with it" "$(cpu_field limited burst_ms)" null
    stop "$machine"
    poll 20 no_cgroups_of limited
}
cpu_case "a CPU limit holds, and is changed live" limits

# Each of three machines wants all of one CPU.
shares() {
    local name weight=1000 before=() after=() machines=()
    for name in one two four; do
        start "$name" --cpu "shares=$weight,pin=$one_cpu" "$behave" -- spin
        machines+=("$machine")
        weight=$((2 * weight))
    done
    for name in one two four; do before+=("$(usage "$name" | cut -d' ' -f1)"); done
    sleep 6
    for name in one two four; do after+=("$(usage "$name" | cut -d' ' -f1)"); done
    local one=$((after[0] - before[0])) two=$((after[1] - before[1])) four=$((after[2] - before[2]))
    echo "CPU time in us: $one, $two, $four"
    between "percent of two times the first's" $((100 * two / (2 * one))) 85 115
    between "percent of four times the first's" $((100 * four / (4 * one))) 85 115
    # The first waits for the others most of the time.
    [ "$(counter one .machine.guest_steal_ns)" -gt $((1000 * one)) ]
    # Live: now all the same.
    for name in two four; do hv_at set "$name" cpu.shares=none; done
    before=("$(usage one | cut -d' ' -f1)" "$(usage four | cut -d' ' -f1)")
    sleep 4
    after=("$(usage one | cut -d' ' -f1)" "$(usage four | cut -d' ' -f1)")
    between "percent of the first's, with equal shares" \
        $((100 * (after[1] - before[1]) / (after[0] - before[0]))) 80 125
    for machine in "${machines[@]}"; do stop "$machine"; done
}
cpu_case "machines with shares of 1:2:4 get that of a CPU for which they compete" shares

pins() {
    start pinned --cpu "pin=$one_cpu" --net user "$images/httpd.elf"
    local all guest
    all=$(allowed_of $$)
    # The guest's process is a child of hv, as the network's is.
    guest=$(get pinned /memory | jq '.processes[1]')
    expect "vCPU" "$(allowed_of "$guest")" "$one_cpu"
    expect "hv" "$(allowed_of "$machine")" "$all"
    hv_at set pinned cpu.pin=none "cpu.hv=$one_cpu"
    expect "vCPU without a pin" "$(allowed_of "$guest")" "$all"
    expect "hv with one" "$(allowed_of "$machine")" "$one_cpu"
    contains "hv info" "$(hv_at info pinned | tr -s ' ')" "hv runs on $one_cpu"
    refused 100 "no CPU 1023 for hv" "$hv" set --run-dir "$RUN" pinned cpu.pin=1023
    expect "vCPU after a refusal" "$(allowed_of "$guest")" "$all"
    # No cgroup is needed for that, and without one there is no limit.
    refused 100 "started without a CPU cgroup" "$hv" set --run-dir "$RUN" pinned cpu.limit=0.5
    stop "$machine"
    # A guest does not inherit the pin of its hv.
    start apart --cpu "hv=$one_cpu" --net user "$images/httpd.elf"
    expect "hv" "$(allowed_of "$machine")" "$one_cpu"
    expect "vCPU" "$(allowed_of "$(get apart /memory | jq '.processes[1]')")" "$all"
    expect "the network's process" "$(allowed_of "$(pgrep -P "$machine" -x hv-slirp)")" "$one_cpu"
    stop "$machine"
}
test_case "vCPUs and hv are bound to CPUs, at start and live" pins

# The host has one CPU for these.
reservations() {
    taskset -pc "$one_cpu" "$BASHPID" >/dev/null
    start first --cpu reservation=0.75 "$behave" -- wait
    local first=$machine
    refused_run 103 "reservation=0.5: of the host's 1 CPU, 0.75 are reserved for other machines" \
        --cpu reservation=0.5 "$behave" -- exit 0
    start second --cpu reservation=0.25 "$behave" -- wait
    refused 103 "reservation=0.5: of the host's 1 CPU, 0.75 are reserved" "$hv" set --run-dir "$RUN" second \
        cpu.reservation=0.5
    expect "after a refusal" "$(cpu_field second reservation_millicpus)" 250
    expect "more than is granted, by the API" "$(patch second /cpu '{"reservation_millicpus": 500}')" 400
    hv_at set first cpu.reservation=0.5
    hv_at set second cpu.reservation=0.5
    expect "granted" "$(cpu_field second reservation_millicpus)" 500
    # Its weight leaves others what it does not reserve.
    expect "weight" "$(cat "$own_cpu_cgroup/tenon-second.$machine/cpu.shares")" 51200
    # What a machine had goes to others when it ends.
    stop "$first"
    hv_at set second cpu.reservation=1
    stop "$machine"
    hv_run --cpu reservation=1 "$behave" -- exit 0
}
cpu_case "reservations: the sum of all machines does not pass the host" reservations

kept_cpu() {
    detach kept --restart on-failure --cpu "limit=0.75,shares=2000,pin=$one_cpu" "$behave" -- wait
    hv_at set kept cpu.limit=0.5 cpu.reservation=0.25 cpu.shares=none
    hv_at reboot kept
    poll 20 restarted kept 1
    poll 20 state_is kept running
    expect "after a restart" "$(get kept /vm/config | jq -c .tenon.cpu)" \
        "{\"limit_millicpus\":500,\"reservation_millicpus\":250,\"pin\":\"$one_cpu\"}"
    # An hv that is killed leaves its cgroup to the next one.
    kill -KILL "$(get kept /memory | jq '.processes[0]')"
    poll 20 restarted kept 2
    poll 20 state_is kept running
    expect "cgroups after a killed hv" "$(cpu_cgroups_of kept | wc -l)" 1
    hv_at stop kept
    hv_at start kept
    expect "after a stop" "$(cpu_field kept limit_millicpus)" 500
    # A killed hv leaves no cgroup, once a command looks.
    kill -KILL "$(supervisor_of kept)"
    poll 20 no_cgroups_of kept
}
cpu_case "CPU time: what is set is kept over restart and stop, and no cgroup is left" kept_cpu

# Each of many commands at once either sets its value, or says truly why not; machine, supervisor and book agree after.
together() {
    detach together --cpu cgroup=auto "$behave" -- wait
    local i commands=()
    for i in 1 2 3 4 5 6; do
        "$hv" set --run-dir "$RUN" together cpu.reservation=0.$i cpu.limit=0.$i >"said.$i" 2>&1 &
        commands+=($!)
    done
    for i in "${commands[@]}"; do wait "$i" || echo "a command ended with $?" >>said.0; done
    expect "what the commands said" "$(cat said.*)" ""
    local set
    set=$(cpu_field together reservation_millicpus)
    expect "limit" "$(cpu_field together limit_millicpus)" "$set"
    expect "granted" "$(cat "$RUN/together/cpu-reservation")" "$set"
    hv_at stop together
    hv_at start together
    expect "after a start" "$(cpu_field together reservation_millicpus)" "$set"
    hv_at stop together
}
cpu_case "many changes at once leave the same values everywhere" together

taken_away() {
    start taken --cpu limit=0.5 "$behave" -- wait
    local cgroup process
    cgroup=$(cat "$RUN/taken/cgroups")
    while read -r process; do echo "$process" >"$own_cpu_cgroup/cgroup.procs"; done <"$cgroup/cgroup.procs"
    rmdir "$cgroup"
    refused 100 "another program has removed it (stop the machine, and start it again)" "$hv" set --run-dir "$RUN" \
        taken cpu.limit=0.25
    expect "after a refusal" "$(cpu_field taken limit_millicpus)" 500
    stop "$machine"
}
cpu_case "a cgroup that another program removed is named" taken_away

node() {
    start local --cpu node=0 --net user "$images/httpd.elf"
    local process
    for process in "$machine" $(get local /memory | jq '.processes[1]') "$(pgrep -P "$machine" -x hv-slirp)"; do
        expect "memory of process $process" "$(sed -n 's/^Mems_allowed_list:[^0-9]*//p' "/proc/$process/status")" 0
    done
    contains "hv info" "$(hv_at info local | tr -s ' ')" "NUMA node 0"
    refused 100 "memory of a running machine does not move" "$hv" set --run-dir "$RUN" local cpu.node=1
    stop "$machine"
    poll 20 no_cgroups_of local
    refused_run 100 "this host has no such node (it has 0" --cpu node=63 "$images/hello.elf"
}
if [ -w /sys/fs/cgroup/cpuset/cgroup.procs ] && [ -e /sys/devices/system/node/node0 ]; then
    cpu_case "a NUMA node: CPUs and memory of all of the machine's processes" node
else
    skip_case "a NUMA node: CPUs and memory of all of the machine's processes" "no cpuset (v1) that this user may use"
fi

both_cgroups() {
    start both --memory 64M --memory-limit 48M --cpu limit=0.5 "$behave" -- wait
    expect "cgroups" "$(cpu_cgroups_of both | wc -l)" 2
    expect "in that of the CPUs" "$(sort -n "$own_cpu_cgroup/tenon-both.$machine/cgroup.procs" | xargs)" \
        "$(printf '%s\n' "$machine" "$(guest_of)" | sort -n | xargs)"
    stop "$machine"
    poll 20 no_cgroups_of both
}
cpu_case "limits of memory and of CPU time together" both_cgroups

cpu_by_api() {
    start api --cpu cgroup=auto "$behave" -- wait
    expect "a change" "$(patch api /cpu '{"limit_millicpus": 250, "shares": 500}')" 204
    expect "what is set" "$(get api /cpu | jq -c '[.limit_millicpus, .shares, .vcpus]')" "[250,500,1]"
    expect "quota" "$(cat "$own_cpu_cgroup/tenon-api.$machine/cpu.cfs_quota_us")" 25000
    local body
    for body in '{"limit_millicpus": 5}' '{"limit": 1}' '{"burst_ms": 26}' '{"pin": "1023"}' '{"node": 0}' \
        '{"cgroup": "none"}' '{"reservation_millicpus": 100}' '[]'; do
        expect "$body" "$(patch api /cpu "$body")" 400
    done
    expect "another method" "$(code_of api /cpu --request PUT --data '{}')" 405
    expect "no change" "$(get api /cpu | jq -c '[.limit_millicpus, .shares, .burst_ms, .pin]')" "[250,500,null,null]"
    contains "metrics" "$(hv_at metrics)" 'tenon_machine_cpu_limit_millicpus{machine="api"} 250'
    contains "steal time" "$(hv_at metrics)" 'tenon_machine_guest_steal_seconds_total{machine="api"}'
    stop "$machine"
}
cpu_case "CPU time by the API, and in the metrics" cpu_by_api

refused_cpu() {
    local option part
    while IFS='|' read -r option part; do
        refused_run 100 "$part" --cpu "$option" "$images/hello.elf"
    done <<'EOF'
limt=1|did you mean 'limit'
limit=0|not from 0.01 to 1024 CPUs
limit=0.5,limit=1|'limit' is given more than once
limit=1,cgroup=/sys/fs/cgroup/cpu/../cpu|not an absolute path without '..'
burst=10ms|there is no limit
limit=0.5,burst=60|at most 50 ms
limit=0.5,reservation=0.75|more than the limit of 0.5 CPUs
reservation=1.5|1 vCPU can use
shares=1|10 to 100000
pin=1023|no CPU 1023
limit=1,cgroup=none|need a cgroup
cgroup=somewhere|absolute path
EOF
    refused_run 101 "cpu cgroup '/nowhere'" --cpu limit=1,cgroup=/nowhere "$images/hello.elf"
    refused_run 100 "not a cgroup with the cpu controller" --cpu limit=1,cgroup=/tmp "$images/hello.elf"
    start refused "$behave" -- wait
    refused 100 "did you mean 'shares'" "$hv" set --run-dir "$RUN" refused cpu.share=5
    refused 100 "'cpu.limit' is given more than once" "$hv" set --run-dir "$RUN" refused cpu.limit=1 cpu.limit=0.5
    refused 100 "PART.LIMIT=VALUE" "$hv" set --run-dir "$RUN" refused limit=5
    stop "$machine"
}
test_case "CPU time: what cannot be is refused, by name" refused_cpu

as_nobody() {
    # The folder of the sources may be closed to others.
    cp "$images/hello.elf" hello.elf
    chmod 644 hello.elf
    mkdir nobody
    chown 65534:65534 nobody
    status_of setpriv --reuid 65534 --regid 65534 --clear-groups "$hv" run --run-dir "$PWD/nobody/run" --accel pv \
        --cpu limit=0.5 hello.elf
    expect "exit code of '$output'" "$status" 105
    contains "what is missing" "$output" "cpu cgroup '"
    contains "what to do" "$output" "--cpu cgroup=PATH; without: no limit, reservation, shares or cgroup in --cpu"
    # Pins need no cgroup.
    setpriv --reuid 65534 --regid 65534 --clear-groups "$hv" run --run-dir "$PWD/nobody/run" --accel pv \
        --cpu "pin=$one_cpu,hv=$one_cpu" hello.elf
}
root_case "another user" "CPU time of a user without cgroups: a limit is refused by name, pins work" as_nobody
