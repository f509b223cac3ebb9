# SPDX-License-Identifier: Apache-2.0
# TCP streams over a link that loses, delays and reorders frames (tests/bench/link.cpp): to and from a guest, and the
# same server on Linux, in turns with the same frames spoilt. Only frames of MTU size pass the link, because its
# interfaces have no offloads. It spoils frames in the direction of the data.

seconds=${loss_seconds:-3}
turns=${loss_turns:-5}
# That of Linux as released, whatever this host is set to: what CUBIC takes for congestion means nothing to BBR.
congestion=${congestion:-cubic}
far=tenon-far-$$ near=tenon-near-$$ server=tenon-server-$$

for name in "$far" "$near" "$server"; do new_namespace "$name"; done
ip netns exec "$near" sysctl -q -w net.ipv4.ip_forward=1
# Queues that hold more than a window, so that only the link loses frames.
ip -n "$near" tuntap add name guest mode tap vnet_hdr
ip -n "$near" tuntap add name link mode tap
ip -n "$far" tuntap add name link mode tap
ip -n "$near" link add linux type veth peer name near netns "$server"
for place in "$near:guest:10.0.0.1" "$near:linux:10.0.1.1" "$near:link:10.0.2.1" "$far:link:10.0.2.2" \
    "$server:near:10.0.1.2"; do
    IFS=: read -r name interface address <<<"$place"
    ip -n "$name" addr add "$address/24" dev "$interface"
    ip -n "$name" link set dev "$interface" txqueuelen 10000 up
done
ip -n "$far" route add default via 10.0.2.1
ip -n "$server" route add default via 10.0.1.1

ip netns exec "$near" taskset -c 0 "$hv" run --accel pv --net tap=guest --ip 10.0.0.2/24,10.0.0.1 \
    "$images/stream.elf" >/dev/null 2>&1 </dev/null &
machine=$!
ip netns exec "$server" taskset -c 0 build/tests/bench/stream/server 65536 "$congestion" >/dev/null 2>&1 &
native=$!
started+=("$machine" "$native")

link_is_up() { grep -q up "$scratch/link"; }
# start_link SETTING...: the link's pid in $link.
start_link() {
    : >"$scratch/link"
    taskset -c 1 build/tests/bench/link "$near:link" "$far:link" "$@" >"$scratch/link" &
    link=$!
    started+=("$link")
    until_true 10 link_is_up
}
stop_link() {
    kill -TERM "$link"
    wait "$link"
}

# over_link ADDRESS MODE SETTING...: Mbit/s.
over_link() {
    local address=$1 mode=$2 rate
    shift 2
    start_link "$@"
    until_true 20 ip netns exec "$far" bash -c "exec 3<>/dev/tcp/$address/5004" 2>/dev/null
    rate=$(ip netns exec "$far" taskset -c 1 build/tests/bench/stream/client "$address" "$mode" "$seconds" 65536 \
        "$congestion" | awk '{ print $1 * 1000 }')
    stop_link
    echo "$rate"
}

# compare_over_link WHAT AIM SETTING...: from the guest, and into it.
compare_over_link() {
    local what=$1 aim=$2 mode turn toward direction guest linux
    shift 2
    for mode in receive send; do
        if [ "$mode" = receive ]; then toward=second direction=sending; else toward=first direction=receiving; fi
        rm -f "$scratch"/rates.*
        for ((turn = 1; turn <= turns; turn++)); do
            over_link 10.0.0.2 "$mode" "$@" "toward=$toward" "seed=$turn" >>"$scratch/rates.guest"
            over_link 10.0.1.2 "$mode" "$@" "toward=$toward" "seed=$turn" >>"$scratch/rates.linux"
        done
        guest=$(median <"$scratch/rates.guest")
        linux=$(median <"$scratch/rates.linux")
        row "$what: $direction" "$guest" Mbit/s
        row "  the same with Linux" "$linux" Mbit/s
        row "  ratio" "$(ratio "$guest" "$linux")" "" "$aim" more
    done
}

compare_over_link "TCP, no loss on a LAN" ""
compare_over_link "TCP, 0.1 % lost on a LAN" 0.7 loss=0.1
compare_over_link "TCP, 1 % lost on a LAN" 0.5 loss=1
# A recovery takes hundreds of round trips here.
seconds=$((3 * seconds))
compare_over_link "TCP, 0.1 % lost, 20 ms" 0.9 loss=0.1 delay=10
compare_over_link "TCP, 1 % lost, 20 ms" 0.9 loss=1 delay=10
seconds=$((seconds / 3))
compare_over_link "TCP, 1 % reordered" 0.5 reorder=1 delay=1

kill -INT "$machine"
kill -KILL "$native"
wait "$machine" "$native" 2>/dev/null || true
