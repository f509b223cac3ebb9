# SPDX-License-Identifier: Apache-2.0
# pvbench: every measure is there or left out with a reason, and those whose answer is known give it.

pvbench=$images/pvbench.elf
linux_pvbench=$root/build/pvbench-linux

# json FILE: the result between the markers of a console's output.
json() { sed -n '/^-----BEGIN PVBENCH JSON-----/,/^-----END PVBENCH JSON-----/p' "$1" | sed '1d;$d'; }
# median FILE NAME: in thousandths of the measure's unit, as an integer.
median() {
    json "$1" | jq -e --arg name "$2" '.measures[] | select(.name == $name) | .median * 1000 | round' ||
        { json "$1" | jq -c .left_out >&2; return 1; }
}
reason() { json "$1" | jq -r --arg name "$2" '.left_out[] | select(.name == $name) | .reason'; }

# with_peer [OPTIONS...]: in the namespace of with_tap, at 10.0.0.1:7000.
with_peer() {
    # Not by the function, whose subshell would get the signal that ends the peer.
    ip netns exec "$namespace" "$linux_pvbench" --serve 7000 "$@" >peer.out 2>&1 &
    peer=$!
    poll 20 grep -q serving peer.out
}
end_peer() {
    kill "$peer"
    wait "$peer" || true
}
# measure_net FILE LIMITS NAMES [OPTIONS...]: a machine on the tap that measures NAMES; LIMITS are of its interface.
measure_net() {
    timeout 240 ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --net "tap=tap0$2" \
        --ip 10.0.0.2/24,10.0.0.1 "$pvbench" -- --json --quick --net-peer 10.0.0.1:7000 --only "$3" "${@:4}" \
        >"$1" 2>"$1.err" </dev/null || { tail -n 5 "$1" "$1.err" >&2; return 1; }
}
# complete FILE: each measure of --list is measured or left out, once, with what the schema says.
complete() {
    expect "measures" "$(json "$1" | jq -r '(.measures + .left_out)[].name' | sort)" \
        "$("$linux_pvbench" --list | awk '{ print $1 }' | sort)"
    json "$1" | jq -e '.schema == "tenon-pvbench-1" and .platform.cpus >= 1 and .platform.memory_bytes > 0' >/dev/null
    expect "measures without samples, or of no size" \
        "$(json "$1" | jq -r '.measures[] |
            select((.samples < 1) or (.median <= 0) or (.repetitions != (.medians | length))) | .name')" ""
    expect "measures left out without a reason" "$(json "$1" | jq -r '.left_out[] | select(.reason == "") | .name')" ""
}

on_pv() {
    with_tap
    with_peer
    truncate -s 64M disk.raw
    timeout 300 ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --memory 128M --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 --disk disk.raw "$pvbench" -- --json --quick --write --net-peer 10.0.0.1:7000 \
        >all 2>all.err </dev/null
    complete all
    expect "platform" "$(json all | jq -r '"\(.platform.name) \(.platform.os) \(.program.build)"')" "hv-pv Tenon tenon"
    expect "left out" "$(json all | jq -r '.left_out[].name' | sort | xargs)" \
        "balloon_deflate balloon_inflate exit_kernel exit_monitor page_fault wake_other_cpu"
    contains "the reason for one CPU" "$(reason all wake_other_cpu)" "one CPU"
    expect "negotiated features" \
        "$(json all | jq -c '[.features.net, .features.blk, .features.balloon] | map(index("VERSION_1") != null)')" \
        "[true,true,true]"
    # What stands to each other in any machine.
    [ "$(median all boot_first_packet)" -ge "$(median all boot_main)" ]
    [ "$(median all hypercall)" -gt "$(median all clock_read)" ]
    end_peer
}
root_case "a network namespace" "every measure is there on hv's pv, or left out with a reason" on_pv

without_devices() {
    timeout 120 "$hv" run --run-dir "$RUN" --accel pv --no-balloon "$pvbench" -- --json --quick \
        --only boot,net,blk,balloon >bare 2>bare.err </dev/null
    expect "what is measured" "$(json bare | jq -r '.measures[].name')" boot_main
    contains "network" "$(reason bare net_stream_in)" "--net-peer"
    contains "first packet" "$(reason bare boot_first_packet)" "--net-peer"
    contains "disk" "$(reason bare blk_random_read_1)" "no disk"
    contains "balloon" "$(reason bare balloon_report)" "no balloon"
}
test_case "without devices their measures are left out, each with its reason" without_devices

on_two_cpus() {
    timeout 120 "$hv" run --run-dir "$RUN" --accel pv --cpus 2 "$pvbench" -- --json --quick \
        --only switch_wake,wake_other_cpu >two 2>two.err </dev/null
    expect "CPUs" "$(json two | jq .platform.cpus)" 2
    # A processor wakes up for it; between threads of one CPU nothing does.
    [ "$(median two wake_other_cpu)" -gt "$(median two switch_wake)" ]
}
test_case "on several vCPUs a thread on another one is woken" on_two_cpus

kept_disk() {
    head -c 4M /dev/urandom >disk.raw
    cp disk.raw before.raw
    timeout 120 "$hv" run --run-dir "$RUN" --accel pv --disk disk.raw "$pvbench" -- --json --quick --only blk \
        >kept 2>kept.err </dev/null
    cmp disk.raw before.raw
    [ "$(median kept blk_random_read_1)" -gt 0 ]
    contains "writes" "$(reason kept blk_random_write_1)" "--write"
    contains "flush" "$(reason kept blk_flush)" "--write"
}
test_case "without --write a disk stays as it is" kept_disk

# measure_on_qemu FILE LIMIT NAMES: a microvm whose disk does LIMIT requests a second; 0: as many as it can.
measure_on_qemu() {
    timeout 120 qemu-system-x86_64 -accel tcg -cpu max -smp 1,maxcpus=2 -m 128M -M microvm,acpi=off -display none \
        -no-reboot -global virtio-mmio.force-legacy=false -device isa-debug-exit,iobase=0xf4 \
        -drive "if=none,id=disk,file=disk.raw,format=raw,throttling.iops-total=$2" \
        -device virtio-blk-device,drive=disk -serial stdio -kernel "$pvbench" \
        -append "debug_exit=0xf4 -- --json --write --label microvm --only $3" </dev/null >"$1.console" 2>"$1.err" ||
        expect "QEMU's exit status (main returned 0)" $? 1
    tr -d '\r' <"$1.console" >"$1"
}

limited_disk() {
    truncate -s 64M disk.raw
    local names=blk_random_read_1,blk_random_read_32,blk_random_write_32,doorbell_interrupt name
    measure_on_qemu free 0 "$names"
    measure_on_qemu slow 100 "$names"
    measure_on_qemu fast 400 "$names"
    expect "platform" "$(json slow | jq -r .platform.name)" microvm
    for name in blk_random_read_32 blk_random_write_32; do
        between "$name at 100 requests a second" "$(median slow $name)" 50000 130000
        between "$name at 400 requests a second" "$(median fast $name)" 200000 520000
        [ "$(median free $name)" -gt "$(median fast $name)" ]
    done
    # One at a time, a request takes as long as the limit lets it wait, between doorbell and interrupt.
    for name in blk_random_read_1 doorbell_interrupt; do
        between "$name at 100 requests a second" "$(median slow $name)" 8000000 20000000
        between "$name at 400 requests a second" "$(median fast $name)" 2000000 5000000
        [ "$(median free $name)" -lt "$(median fast $name)" ]
    done
}
if command -v qemu-system-x86_64 >/dev/null; then
    test_case "a limited disk shows its limit, in rates and in the time from doorbell to interrupt" limited_disk
else
    skip_case "a limited disk shows its limit" "there is no qemu-system-x86_64"
fi

limited_net() {
    with_tap
    with_peer
    measure_net free "" net_stream_out,net_stream_in
    measure_net slow ,tx=2M::64K,rx=2M::64K net_stream_out,net_stream_in
    local name
    for name in net_stream_out net_stream_in; do
        # 2 MiB/s of frames are 2.0 MB/s of their contents.
        between "$name" "$(median slow $name)" 1200 3200
        [ "$(median free $name)" -gt $((2 * $(median slow $name))) ]
    done
    end_peer
}
root_case "a network namespace" "a limited interface shows its limit in streams" limited_net

late_answers() {
    with_tap
    local delay
    for delay in 0 2000 8000; do
        with_peer --delay "$delay"
        measure_net "late.$delay" "" net_round_trip_tcp,net_round_trip_udp
        end_peer
    done
    local name
    for name in net_round_trip_tcp net_round_trip_udp; do
        # At least what was added; the host's timers and scheduler add to it.
        between "$name: what 6 ms add" $(($(median late.8000 $name) - $(median late.2000 $name))) 4000000 12000000
        [ "$(median late.2000 $name)" -ge $((2000000 + $(median late.0 $name) / 2)) ]
    done
}
root_case "a network namespace" "a peer that answers late moves the round trip by as much" late_answers

moved_balloon() {
    "$hv" run --run-dir "$RUN" --accel pv --name moved --memory 256M "$pvbench" -- --json --quick --balloon 60 \
        --only balloon_inflate,balloon_deflate >moved 2>moved.err </dev/null &
    machine=$!
    at_end forget moved
    poll 30 grep -q "waiting for the balloon to inflate" moved
    balloon moved 64M
    poll 30 grep -q "waiting for the balloon to deflate" moved
    balloon moved 0
    wait "$machine"
    [ "$(median moved balloon_inflate)" -gt 0 ]
    [ "$(median moved balloon_deflate)" -gt 0 ]
}
test_case "a balloon that the host moves is measured in both directions" moved_balloon

unmoved_balloon() {
    timeout 60 "$hv" run --run-dir "$RUN" --accel pv "$pvbench" -- --json --quick --balloon 1 --only balloon_inflate \
        >unmoved 2>unmoved.err </dev/null
    contains "the reason" "$(reason unmoved balloon_inflate)" "did not change the balloon"
}
test_case "a balloon that the host leaves alone is left out" unmoved_balloon

refusals() {
    status_of timeout 60 "$hv" run --run-dir "$RUN" --accel pv "$pvbench" -- --only clok
    expect "exit code" "$status" 2
    contains "what is said" "$output" "no measure or subject 'clok'"
    status_of "$linux_pvbench" --json --repetitions none
    expect "exit code" "$status" 2
    contains "what is said" "$output" "--repetitions needs a number"
    # Nobody serves there: each measure says so, and none waits for its time limit.
    status_of timeout 120 "$linux_pvbench" --json --quick --only net --net-peer 127.0.0.1:1
    expect "exit code" "$status" 0
    contains "what is said" "$output" "the peer at 127.0.0.1:1 does not answer"
}
test_case "what cannot be measured is refused or left out" refusals

tables() {
    timeout 60 "$linux_pvbench" --quick --only clock_read,hypercall >table 2>/dev/null
    grep -q '^clock_read  *[0-9.]* *[0-9.]* ns ' table
    grep -q '^hypercall  *left out: ' table
    timeout 60 "$linux_pvbench" --quick --only clock_read --json >linux 2>/dev/null
    expect "build" "$(json linux | jq -r .program.build)" linux
}
test_case "the same source measures Linux, as a table or JSON" tables
