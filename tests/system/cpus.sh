# SPDX-License-Identifier: Apache-2.0
# Machines with several vCPUs, each of which is a thread of the guest's process.

threads_of() { find "/proc/$1/task" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort -n; }
guest_of() { pgrep -P "$machine" | head -n 1; }
states_of() {
    local thread
    for thread in $(threads_of "$1"); do awk '{print $3}' "/proc/$1/task/$thread/stat"; done | sort -u
}

counts() {
    local count
    for count in 1 2 5 32; do
        status_of hv_run --cpus "$count" "$behave" -- cpus count
        expect "exit code" "$status" 0
        expect "output" "$output" "vCPUs: $count"
    done
    # The default, and the accelerator that a machine of several vCPUs gets.
    status_of hv_run "$behave" -- cpus count
    expect "output" "$output" "vCPUs: 1"
    status_of timeout 60 "$hv" run --run-dir "$RUN" --cpus 2 --boot-report "$behave" -- cpus count
    contains "output" "$output" "vCPUs: 2"
    contains "boot report" "$output" " on pv ("
}
test_case "a machine has as many vCPUs as it is asked for" counts

refusals() {
    local wrong
    for wrong in 0 33 x -1 1.5; do refused_run 100 "--cpus" --cpus "$wrong" "$behave"; done
    refused 100 "has one vCPU (use --accel pv" "$hv" run --run-dir "$RUN" --accel kvm --cpus 2 "$behave"
    refused_run 100 "more than the machine's 2 vCPUs" --cpus 2 --cpu reservation=2.5 "$behave"
    echo '{"boot-source": {"kernel_image_path": "x"},
        "machine-config": {"vcpu_count": 33, "mem_size_mib": 64}}' >many.json
    refused_run 100 vcpu_count --config many.json
}
test_case "wrong numbers of vCPUs are refused" refusals

from_file() {
    printf '{"boot-source": {"kernel_image_path": "%s", "boot_args": "-- cpus count"},
        "machine-config": {"vcpu_count": 3, "mem_size_mib": 64}}' "$behave" >three.json
    status_of hv_run --config three.json
    expect "output" "$output" "vCPUs: 3"
    status_of hv_run --config three.json --cpus 2
    expect "an option goes over it" "$output" "vCPUs: 2"
    start two --cpus 2 "$behave" -- wait
    expect "as hv info tells it" "$(hv_at info --json two | jq .cpu.vcpus)" 2
    expect "as the configuration has it" "$(jq '."machine-config".vcpu_count' "$RUN/two/config.json")" 2
}
test_case "the configuration's number of vCPUs" from_file

threads() {
    start one "$behave" -- wait
    expect "threads of a machine with one vCPU" "$(threads_of "$(guest_of)" | wc -l)" 1
    stop "$machine"
    start four --cpus 4 "$behave" -- wait
    expect "threads of a machine with four" "$(threads_of "$(guest_of)" | wc -l)" 4
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "each vCPU is a thread, and one vCPU is the process alone" threads

own_tests() {
    truncate --size 4M disk
    # 10^6 preemptions, as with one vCPU, would take a minute: the idle vCPU looks for work at each.
    status_of timeout 280 "$hv" run --run-dir "$RUN" --accel pv --cpus "$1" --memory 256M --disk disk \
        --env PREEMPTIONS=20000 "$images/guest-tests.elf"
    grep '^not ok' <<<"$output" >&2 || true
    expect "exit code" "$status" 0
    contains "sum" "$(tail -n 1 <<<"$output")" " 0 failed"
    contains "tests of several vCPUs" "$output" "ok vcpus_no_thread_starves"
}
test_case "the guest's own tests on 2 vCPUs" own_tests 2
test_case "the guest's own tests on 4 vCPUs, more than many hosts have CPUs" own_tests 4

serves() {
    start web --cpus 2 --net user,127.0.0.1:0:80 "$images/httpd.elf"
    local url i
    url=$(sed -n 's#.*\(http://127.0.0.1:[0-9]*/\).*#\1#p' web.err)
    local clients=()
    for i in 1 2 3 4; do
        curl --silent --fail --max-time 60 "$url?[1-50]" >"page.$i" &
        clients+=($!)
    done
    for i in "${clients[@]}"; do wait "$i"; done
    for i in 2 3 4; do cmp page.1 "page.$i"; done
    [ -s page.1 ]
    stop "$machine"
    expect "exit code" "$status" 0
}
test_case "a server on 2 vCPUs answers several clients" serves

stands_still() {
    start busy --cpus 2 "$behave" -- cpus busy
    local guest before
    guest=$(guest_of)
    hv_at pause busy
    expect "states of its threads" "$(states_of "$guest")" T
    before=$("$hv" stat --run-dir "$RUN" --json busy | jq .machine.guest_cpu_ns)
    sleep 0.3
    expect "CPU time" "$("$hv" stat --run-dir "$RUN" --json busy | jq .machine.guest_cpu_ns)" "$before"
    hv_at resume busy
    used_more() { [ "$("$hv" stat --run-dir "$RUN" --json busy | jq .machine.guest_cpu_ns)" -gt "$1" ]; }
    poll 20 used_more "$before"
    # Both have run, and the sum has both.
    local thread sum=0
    for thread in $(threads_of "$guest"); do
        read -r before _ <"/proc/$guest/task/$thread/schedstat"
        [ "$before" -gt 0 ]
        sum=$((sum + before))
    done
    [ "$("$hv" stat --run-dir "$RUN" --json busy | jq .machine.guest_cpu_ns)" -ge "$sum" ]
    hv_at kill busy
    status=0
    wait "$machine" || status=$?
    expect "exit code of one that was killed" "$status" 108
    poll 5 not test -e "/proc/$guest"
}
test_case "a pause stops both of two busy vCPUs, a kill ends them" stands_still

pinned() {
    local first guest thread
    first=$(sed -n 's/^Cpus_allowed_list:[^0-9]*\([0-9]*\).*/\1/p' /proc/self/status)
    start pinned --cpus 2 --cpu "pin=$first" "$behave" -- wait
    guest=$(guest_of)
    for thread in $(threads_of "$guest"); do
        expect "CPUs of thread $thread" \
            "$(sed -n 's/^Cpus_allowed_list:[^0-9]*//p' "/proc/$guest/task/$thread/status")" "$first"
    done
    hv_at set pinned cpu.pin=none
    for thread in $(threads_of "$guest"); do
        expect "CPUs of thread $thread without the pin" \
            "$(sed -n 's/^Cpus_allowed_list:[^0-9]*//p' "/proc/$guest/task/$thread/status")" \
            "$(sed -n 's/^Cpus_allowed_list:[^0-9]*//p' /proc/self/status)"
    done
}
test_case "a pin binds every vCPU, also of a running machine" pinned

crashes() {
    status_of hv_run --cpus 2 --core two.core "$behave" -- cpus panic 1
    expect "exit code" "$status" 107
    contains "report" "$output" "asked to on vCPU 1"
    contains "report" "$output" "  on vCPU 1"
    contains "report" "$output" "vCPU 0 stood still:"
    contains "registers of the other one" "${output#*vCPU 0 stood still:}" "rip 0"
    local seen
    seen=$(gdb -batch -nx -ex 'info threads' -ex bt "$behave" two.core 2>&1)
    expect "threads in the core file" "$(grep -cE '^[* ] +[0-9]+ +LWP' <<<"$seen")" 2
    contains "backtrace of the one that crashed" "$seen" "use_cpus ("
}
test_case "a crash on vCPU 1 tells of both, and so does its core file" crashes

hangs() {
    status_of hv_run --cpus 2 --watchdog 1 "$behave" -- cpus stuck 1
    expect "exit code" "$status" 107
    # The first vCPU may have come to wait for it, and hang as well: the report has both.
    contains "report" "$output" "hung: no tick "
    contains "the report's other vCPU" "$output" "stood still:"
    contains "where" "$output" "hang_on_a_vcpu"
    status_of hv_run --cpus 2 --watchdog 1 "$behave" -- cpus stuck 0
    expect "exit code" "$status" 107
    contains "report" "$output" "hung: no tick for"
    contains "where" "$output" "hang_on_a_vcpu"
    # All compute, and serve their interrupts.
    start computing --cpus 2 --watchdog 0.5 "$behave" -- cpus busy
    sleep 3
    expect "state" "$(hv_at info --json computing | jq -r .state)" running
    hv_at kill computing
}
test_case "the watchdog watches each vCPU" hangs
