# SPDX-License-Identifier: Apache-2.0
# Floods from the guest's own link. Beside each, an old connection goes on and new ones succeed, within a second each;
# the guest's memory does not shrink, and afterwards it is as before. tests/flood has the programs.

rounds=60     # of the witness: 50 ms each at least
rate=10000    # frames per second

flooded_machine() {
    with_tap
    ip -n "$namespace" addr add fd00::1/64 dev tap0 nodad
    ip netns exec "$namespace" "$hv" run --run-dir "$RUN" --accel pv --name "$1" --boot-report --net tap=tap0 \
        --ip 10.0.0.2/16,10.0.0.1 --kernel-options ip6=fd00::2/64 "$images/flood.elf" >"$1.out" 2>"$1.err" </dev/null &
    machine=$!
    poll 20 grep -q '^hv: boot' "$1.err"
    # Again and again: one that comes before the guest has its address fails.
    poll 30 in_namespace ping -q -c 1 -W 2 10.0.0.2 >/dev/null
    poll 30 in_namespace ping -q -c 1 -W 2 fd00::2 >/dev/null
}

# guest_memory: KiB of free memory, of the I/O zone's free and whole memory, in $free, $io_free, $io_total.
guest_memory() { read -r free io_free io_total < <(in_namespace timeout 10 socat -u TCP:10.0.0.2:81 -); }
recovered() {
    guest_memory
    [ "$free" -ge $((free_before - 512)) ] && [ "$io_free" -ge $((io_before * 9 / 10)) ]
}

# witness NAME ADDRESS
witness() { in_namespace timeout 300 "$root/build/tests/witness" tap0 "$2" $rounds >"$1.witness"; }
# answered FILE: all but a few of the rounds, on either connection; the host may take time away from the client.
answered() {
    local old new asked
    read -r _ old _ new _ asked < <(tail -n 1 "$1.witness")
    between "answers on the old connection ($1)" "$old" $((rounds * 9 / 10)) $rounds
    between "answers on new connections ($1)" "$new" $((rounds * 9 / 10)) $rounds
    # Its entries for this host stay: it asks again only by its timers, of one second.
    between "questions for this host's address ($1)" "$asked" 0 $((rounds / 4))
}

# flood KIND: and the client in both families meanwhile.
flood() {
    local flood frames free_before io_before cpu
    guest_memory
    free_before=$free io_before=$io_free
    witness v4 10.0.0.2 &
    local v4=$!
    witness v6 fd00::2 &
    local v6=$!
    poll 10 grep -q connected v4.witness
    poll 10 grep -q connected v6.witness
    cpu=$(counter floods .machine.guest_cpu_ns)
    # Not by the function: its subshell would stand between the signal and the flood.
    ip netns exec "$namespace" "$root/build/tests/flood" tap0 "$1" $rate >flood.out &
    flood=$!
    wait $v4 $v6
    guest_memory
    kill "$flood"
    wait "$flood"
    frames=$(sed 's/ frames//' flood.out)
    cpu=$(($(counter floods .machine.guest_cpu_ns) - cpu))
    echo "$1: $frames frames, $((cpu / frames)) ns of the guest for each, free $free_before to $free KiB," \
        "I/O $io_before to $io_free of $io_total KiB; $(tail -qn 1 v4.witness v6.witness | paste -sd ';')"
    answered v4
    answered v6
    # Half of a CPU, if the host lets the flood have its rate.
    between "ns of the guest for each frame" $((cpu / frames)) 0 $((500000000 / rate))
    between "KiB of memory that are free during the flood" "$free" $((free_before - 2048)) "$((free_before + 4096))"
    between "KiB of the I/O zone that are free during the flood" "$io_free" $((io_total / 3)) "$io_total"
    poll 30 recovered
}

floods() {
    flooded_machine floods
    local kind
    for kind in "$@"; do flood "$kind"; done
    stop "$machine"
}
root_case "a network namespace" "floods of datagrams, to ports that are open, closed, and not read" \
    floods udp-echo udp-deaf udp-closed udp6-closed udp6-silent
root_case "a network namespace" "floods of fragments" floods fragments fragments6
root_case "a network namespace" "floods of neighbours, by ARP and ND, and of claims to addresses in use" \
    floods arp arp-replies arp-claims ns na na-claims na-own
root_case "a network namespace" "floods of router advertisements" floods ra
root_case "a network namespace" "floods of group management, of echo requests, of half-open connections" \
    floods igmp mld echo echo6 syn syn-closed syn6
