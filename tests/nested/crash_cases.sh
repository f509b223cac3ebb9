# SPDX-License-Identifier: Apache-2.0
# Guests on kvm that crash or hang, and their reports. Sourced by cases.sh.

fault_is_told_with_registers() {
    local status=0 output
    output=$(on_kvm "$images/behave.elf" -- fault 2>&1) || status=$?
    expect status "$status" 107
    contains output "$output" "page fault writing address 0x1234"
    contains output "$output" "rip"
    contains output "$output" "write_to"
}

# The watchdog, the registers of a vCPU that was interrupted, and the core file, whose memory is hv's own.
hung_guest_is_told() {
    local status=0 output
    output=$(on_kvm --watchdog 3 --core hung.core "$images/behave.elf" -- stuck masked 2>&1) || status=$?
    expect status "$status" 107
    # On an emulated processor the agent may be late already when the guest hangs: then its time is over first.
    echo "$output" >hung.out
    grep -qE 'hung: (no tick|its agent has not answered) for' hung.out || { cat hung.out >&2; return 1; }
    contains output "$output" hang_with_interrupts_masked
    contains output "$output" "main+"
    contains output "$output" "core file 'hung.core'"
    local size
    size=$(wc -c <hung.core)
    expect "whether a core of $size bytes has a RAM of 64 MiB" "$((size >= 60 << 20))" 1
    contains magic "$(head -c 4 hung.core)" ELF
}

watched_guest_lives() {
    start_machine --accel kvm --watchdog 1 "$images/behave.elf" --name watched -- spin
    poll "$patience" asked_often watched
    kill -INT "$machine"
    expect_end 0
}
asked_often() {
    local asked
    asked=$("$hv" stat "$1" 2>/dev/null | sed -n 's/.*watchdog\.questions *\([0-9]*\).*/\1/p')
    [ "${asked:-0}" -ge 4 ]
}

# worker_of NAME: the one of a detached machine's two processes that is the other one's child.
worker_of() {
    local process all=" "
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q -- "--name $1 "; then all+="${process#/proc/} "; fi
    done
    for process in $all; do
        if [[ $all == *" $(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status") "* ]]; then echo "$process"; fi
    done
}
killed_hv_is_recorded() {
    "$hv" run -d --accel kvm --name shot "$images/idle.elf" >/dev/null
    kill -KILL "$(worker_of shot)"
    poll "$patience" eval '"$hv" ps -a | grep -q "^shot *ended"'
    contains record "$("$hv" events shot)" "ended by signal 9"
    "$hv" rm shot
}

stack_overflow_is_told() {
    local status=0 output
    output=$(on_kvm "$images/behave.elf" -- overflow 2>&1) || status=$?
    expect status "$status" 107
    contains output "$output" "stack overflow"
}
