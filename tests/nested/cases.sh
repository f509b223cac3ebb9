#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs inside the nested machine: hv on kvm. Arguments: names of cases; without, all of them.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

# Emulated twice: a machine that starts in a millisecond takes a hundred here.
patience=150
run_hv() { timeout -k 5 "$patience" "$hv" run "$@"; }
on_kvm() { run_hv --accel kvm "$@"; }

# start_machine ARGUMENTS...: in the background; its output is in the file `output`, its process in $machine.
start_machine() {
    # An earlier machine's output must not be taken for this one's.
    : >output
    "$hv" run "$@" >output 2>&1 </dev/null &
    machine=$!
    trap 'kill -KILL $machine 2>/dev/null || true' EXIT
}
# start_ready_machine ARGUMENTS...: the same on kvm, and waits until its program says that it is ready.
start_ready_machine() {
    start_machine --accel kvm --boot-report "$@"
    poll "$patience" grep -q '^hv: boot' output
}
# expect_end STATUS: the machine ends with it, within the deadline.
expect_end() {
    poll "$patience" machine_is_gone || kill -KILL "$machine"
    local status=0
    wait "$machine" || status=$?
    trap - EXIT
    expect status "$status" "$1"
}
# It stays as a zombie until it is waited for.
machine_is_gone() { [ "$(cut -d' ' -f3 "/proc/$machine/stat" 2>/dev/null)" = Z ] || [ ! -d "/proc/$machine" ]; }

# fetch HOST PORT PATH FILE: the body of a page. The C library in a static busybox cannot look up even a numeric
# address.
fetch() {
    local line
    exec 3<>"/dev/tcp/$1/$2" || return 1
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$1" >&3
    read -r -t 10 line <&3 && [[ $line == "HTTP/1."*" 200 "* ]] || return 1
    while read -r -t 10 line <&3 && [ "$line" != $'\r' ]; do :; done
    timeout 20 cat <&3 >"$4"
    exec 3>&-
}

hello_runs() {
    local output
    output=$(on_kvm "$images/hello.elf" 2>&1)
    expect output "$output" "Hello from Tenon"
}

hello_cpp_runs() { on_kvm "$images/hello-cpp.elf" >/dev/null; }

arguments_arrive() {
    local output
    output=$(on_kvm "$images/hello.elf" -- World "two words")
    expect output "$output" $'Hello World\nHello two words'
}

exit_code_is_the_guests() {
    local status=0
    on_kvm "$images/behave.elf" -- exit 42 || status=$?
    expect status "$status" 42
}

asked_to_shut_down_it_does() {
    start_ready_machine "$images/behave.elf" --name orderly -- orderly
    kill -INT "$machine"
    expect_end 42
    contains output "$(cat output)" "shutting down"
}

idle_shuts_down() {
    start_ready_machine "$images/idle.elf" --name idle
    kill -TERM "$machine"
    expect_end 0
}

second_interrupt_kills() {
    start_ready_machine "$images/behave.elf" --name stubborn -- stubborn
    kill -INT "$machine"
    poll "$patience" grep -q 'asked to shut down' output
    kill -INT "$machine"
    expect_end 108
}

flood_loses_nothing() {
    on_kvm "$images/behave.elf" -- flood >output
    expect lines "$(wc -l <output)" 20000
    expect last "$(tail -n 1 output)" "line 19999 of a flood that must not lose any"
}

memory_above_the_hole() {
    local output
    output=$(on_kvm --memory 6G "$images/hello.elf")
    expect output "$output" "Hello from Tenon"
}

all_memory_can_be_used() {
    local output
    output=$(on_kvm --memory 64M "$images/behave.elf" -- memory)
    local taken
    taken=$(sed -n 's/^took \([0-9]*\) MiB$/\1/p' <<<"$output")
    [ "$taken" -ge 40 ] || { echo "only $taken MiB of 64: $output" >&2; return 1; }
}

# resident: bytes of hv's own process, which has the guest's RAM.
resident() { "$hv" memory balloon --json | sed -n 's/.*"guest_resident_bytes": *\([0-9]*\).*/\1/p'; }
# Without reporting, so that it is the balloon by which freed memory goes back.
balloon_gives_memory_back() {
    cat >machine.json <<EOF
{"boot-source": {"kernel_image_path": "$images/behave.elf"},
 "machine-config": {"vcpu_count": 1, "mem_size_mib": 128},
 "balloon": {"amount_mib": 0, "deflate_on_oom": true, "free_page_reporting": false}}
EOF
    local input before after
    mkfifo commands
    exec {input}<>commands
    "$hv" run --accel kvm --name balloon --config machine.json "$images/behave.elf" -- hold 24 >output 2>&1 <commands &
    machine=$!
    trap 'kill -KILL $machine 2>/dev/null || true' EXIT
    echo free >&"$input"
    poll "$patience" grep -q '^done: free' output
    before=$(resident)
    expect size "$("$hv" balloon balloon 96M --wait --timeout "$patience")" "target 96.0 MiB, actual 96.0 MiB"
    after=$(resident)
    # Of the 24 MiB that the program had written, 16 at least.
    [ $((before - after)) -ge $((16 << 20)) ] || { echo "resident: $before, then $after" >&2; return 1; }
    expect size "$("$hv" balloon balloon 0 --wait --timeout "$patience")" "target 0 B, actual 0 B"
    "$hv" reclaim balloon
    echo end >&"$input"
    expect_end 0
}

httpd_over_user_network() {
    start_ready_machine "$images/httpd.elf" --name web --net user,8081:80
    poll "$patience" fetch 127.0.0.1 8081 / page
    contains page "$(cat page)" "Tenon"
    fetch 127.0.0.1 8081 /stats stats
    contains stats "$(cat stats)" '"uptime_ms"'
    for _ in 1 2 3; do
        fetch 127.0.0.1 8081 / again
        cmp page again
    done
    kill -INT "$machine"
    expect_end 0
}

httpd_over_tap() {
    tunctl -t tap0 >/dev/null 2>&1 || ip tuntap add tap0 mode tap
    ip address add 192.168.77.1/24 dev tap0
    ip link set tap0 up
    start_ready_machine "$images/httpd.elf" --name web --net tap=tap0 --ip 192.168.77.2/24
    poll "$patience" fetch 192.168.77.2 80 / page
    contains page "$(cat page)" "Tenon"
    kill -INT "$machine"
    expect_end 0
    ip link set tap0 down
}

disk_is_written_and_read() {
    truncate -s 2M disk.raw
    local output
    output=$(on_kvm --disk disk.raw "$images/behave.elf" -- disk verify)
    expect output "$output" verified
    output=$(on_kvm --disk disk.raw,ro "$images/behave.elf" -- disk tell)
    expect output "$output" "/dev/vda: 2097152 bytes, blocks of 512, read-only"
}

stat_tells_exits() {
    start_ready_machine "$images/idle.elf" --name counted
    "$hv" stat counted >stat
    contains stat "$(cat stat)" exits.memory
    contains stat "$(cat stat)" kvm.interrupts
    kill -INT "$machine"
    expect_end 0
}

auto_takes_kvm_where_it_is_fast() {
    start_machine --accel auto --boot-report "$images/idle.elf" --name chosen
    poll "$patience" grep -q '^hv: boot' output
    contains output "$(cat output)" "on kvm (kvm: ring 0 runs at"
    kill -INT "$machine"
    expect_end 0
}

every_thread_is_confined() {
    start_ready_machine "$images/behave.elf" --name confined -- spin
    local thread threads=0 set
    for thread in /proc/"$machine"/task/*; do
        threads=$((threads + 1))
        grep -q '^Seccomp:.2' "$thread/status"
        grep -q '^NoNewPrivs:.1' "$thread/status"
        for set in Inh Prm Eff Bnd Amb; do grep -q "^Cap$set:.0*\$" "$thread/status"; done
    done
    # hv's own thread, and the vCPU's with a second filter on top.
    [ "$threads" -ge 2 ]
    contains filters "$(cat /proc/"$machine"/task/*/status | grep Seccomp_filters)" 2
    kill -INT "$machine"
    expect_end 0
}

# The agent by its console port on virtio-mmio, whose interrupts are KVM's.
agent_answers() {
    start_ready_machine "$images/behave.elf" --name asked -- freeze well
    poll "$patience" "$hv" agent asked guest-ping --timeout 2000
    contains system "$("$hv" agent asked guest-get-osinfo)" '"tenon"'
    contains threads "$("$hv" agent asked tenon-get-threads)" '"main"'
    expect freeze "$("$hv" agent asked guest-fsfreeze-freeze)" 1
    expect thaw "$("$hv" agent asked guest-fsfreeze-thaw)" 1
    local status=0 refused
    refused=$("$hv" agent asked guest-exec '{}' 2>&1) || status=$?
    expect "status of a command that is not there" "$status" 110
    contains "its error" "$refused" CommandNotFound
    "$hv" agent asked guest-shutdown
    expect_end 0
    contains "what the program saw" "$(cat output)" $'frozen\nthawed'
}

resume_is_told() {
    start_ready_machine "$images/behave.elf" --name resumed -- resume well
    local round
    for round in 1 2; do
        "$hv" pause resumed
        "$hv" resume resumed
        poll "$patience" grep -q "^resumed $round\$" output
    done
    kill -INT "$machine"
    expect_end 0
}

without_permission_it_says_so() {
    mkdir mine
    chown 65534:65534 mine
    local status=0 output
    chmod 711 "$scratch"
    output=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$hv" run --accel kvm --run-dir "$PWD/mine/run" "$images/hello.elf" 2>&1) || status=$?
    contains output "$output" "no permission"
    expect status "$status" 105
}

# no_process_of TEXT: no command line contains it; there is no pgrep here.
no_process_of() {
    local line
    for line in /proc/[0-9]*/cmdline; do
        if [[ $(tr '\0' ' ' <"$line" 2>/dev/null || true) == *"$1"* ]]; then
            echo "still there: $line" >&2
            return 1
        fi
    done
}

killed_hv_leaves_no_guest() {
    start_ready_machine "$images/behave.elf" --name doomed -- spin
    kill -KILL "$machine"
    expect_end 137
    no_process_of behave.elf
}

without_kvm_auto_takes_pv() {
    mv /dev/kvm /dev/kvm.away
    local status=0 output
    output=$(on_kvm "$images/hello.elf" 2>&1) || status=$?
    [ "$status" = 106 ] || { mv /dev/kvm.away /dev/kvm; echo "status $status: $output" >&2; return 1; }
    output=$(run_hv --accel auto "$images/hello.elf" 2>&1) || status=$?
    mv /dev/kvm.away /dev/kvm
    expect output "$output" "Hello from Tenon"
}

guest_tests() {
    # A preemption costs a thousand times more than on hardware.
    timeout -k 5 240 "$hv" run --accel kvm --memory 256M --env PREEMPTIONS=2000 "$images/guest-tests.elf" \
        >output 2>&1 ||
        { grep -v '^ok ' output >&2; return 1; }
    contains output "$(tail -n 1 output)" " 0 failed"
}

# On kvm it is the device that drops the pages, while the vCPU waits for it with interrupts masked.
hammer_loses_nothing() {
    patience=300 on_kvm --memory 64M "$images/hammer.elf" -- 30000 >output 2>&1 || { cat output >&2; return 1; }
    contains output "$(<output)" " lost 0 "
}
hammer_is_not_blind() {
    local status=0
    patience=300 on_kvm --memory 64M "$images/hammer.elf" -- 3000 unsafe >output 2>&1 || status=$?
    expect status "$status" 1
    [ "$(sed -n 's/.* lost \([0-9]*\).*/\1/p' output)" -gt 0 ]
}

source tests/nested/clock_cases.sh
source tests/nested/crash_cases.sh

all_cases=(hello_runs hello_cpp_runs arguments_arrive exit_code_is_the_guests fault_is_told_with_registers
    hung_guest_is_told watched_guest_lives killed_hv_is_recorded stack_overflow_is_told
    asked_to_shut_down_it_does idle_shuts_down second_interrupt_kills flood_loses_nothing memory_above_the_hole
    all_memory_can_be_used balloon_gives_memory_back httpd_over_user_network httpd_over_tap disk_is_written_and_read
    stat_tells_exits
    auto_takes_kvm_where_it_is_fast
    every_thread_is_confined agent_answers resume_is_told without_permission_it_says_so killed_hv_leaves_no_guest
    without_kvm_auto_takes_pv guest_tests
    paused_guest_stands_still hosts_new_time_is_the_guests another_hypervisors_clock_is_kvms
    hammer_loses_nothing hammer_is_not_blind)
if [ $# = 0 ]; then set -- "${all_cases[@]}"; fi
echo "# cases: $*"
for name; do
    test_case "kvm_$name" "$name"
done
finish
