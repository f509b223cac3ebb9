# SPDX-License-Identifier: Apache-2.0
# Sourced by cases.sh: time on kvm, beside the time of the nested machine at the same TSC values.

# compare_clocks SECONDS: the clocks that come through the pipe `samples`, at the same TSC; the result is in `compared`.
compare_clocks() {
    [ -p samples ] || mkfifo samples
    "$root/build/tests/clock" compare "$1" <samples >compared &
    comparison=$!
}
# errors_below MEDIAN WORST: in ns; the first look after a pause is held to the worst too. Bounds are parts of the pause
# of 3 s and of the step of a day: an emulated processor that is taken away in the middle of a look tells the looker's
# error as well.
errors_below() {
    cat compared
    awk -v median="$1" -v worst="$2" '
        $1 == "span" && ($4 < 5 || $6 > median || $7 > worst || $9 > median || $10 > worst) { bad = 1 }
        $1 == "jump" && ($6 > worst || $4 < 0) { bad = 1 }
        END { exit bad }' compared
}
uptime_cs() { cut -d' ' -f1 /proc/uptime | tr -d .; }
passed_cs() { [ $(($(uptime_cs) - $1)) -ge "$2" ]; }
guest_cpu() { "$hv" stat "$1" | awk '$1 ~ /guest_cpu_ns/ { print $2 }'; }
# clock_machine NAME: one whose samples of the clocks, from now on, are in the pipe `samples`.
clock_machine() {
    start_ready_machine "$images/behave.elf" --name "$1" -- clock 50
    [ -p samples ] || mkfifo samples
    tail -n 0 -f output >samples 2>/dev/null &
}

paused_guest_stands_still() {
    clock_machine still
    compare_clocks 12
    local begin before
    begin=$(uptime_cs)
    poll 20 passed_cs "$begin" 200
    "$hv" pause still
    "$hv" pause still
    before=$(guest_cpu still)
    [ "$before" -gt 0 ]
    begin=$(uptime_cs)
    poll 20 passed_cs "$begin" 300
    expect "CPU time of a guest that stands still" "$(guest_cpu still)" "$before"
    "$hv" resume still
    wait "$comparison"
    [ "$(guest_cpu still)" -gt "$before" ]
    errors_below 10000000 100000000
    expect "jumps" "$(grep -c ^jump compared)" 1
    # Monotonic time has moved by a tenth of the pause at most.
    [ "$(awk '$1 == "jump" { print $4 }' compared)" -lt 300000000 ]
    kill -INT "$machine"
    expect_end 0
}

hosts_new_time_is_the_guests() {
    clock_machine follower
    # Refreshes come after 10 s and after 60 s more, so no refresh brings the time.
    date -s "@$(($(date +%s) + 86400))" >/dev/null
    compare_clocks 5
    wait "$comparison"
    errors_below 10000000 100000000
    expect "times set" "$("$hv" stat follower | awk '$1 ~ /host_time_set/ { print $2 }')" 1
    kill -INT "$machine"
    expect_end 0
}

# On a hypervisor that is not hv, with a processor as KVM offers it. KVM itself takes TSC and time one after the other,
# which an emulated processor does with an error of milliseconds: the bounds are parts of the pause.
another_hypervisors_clock_is_kvms() {
    compare_clocks 12
    "$root/build/tests/kvm_monitor" "$images/behave.elf" "verbose -- clock 50" 60 3000 2>errors </dev/null |
        tee console >samples &
    wait "$comparison"
    cat errors
    contains console "$(cat console)" "clock: kvm-clock"
    errors_below 100000000 300000000
    expect "jumps" "$(grep -c ^jump compared)" 1
    expect "generations" "$(awk '$1 == "span" { print $2 }' compared | tr '\n' ' ')" "0 1 "
    [ "$(awk '$1 == "jump" { print $4 }' compared)" -lt 300000000 ]
}

