# SPDX-License-Identifier: Apache-2.0
# TCP streams and round trips: with a guest over TAP, and with the same server on Linux over veth, in turns.
# The client is on one CPU, the server on the other.

seconds=${seconds:-2}
turns=${turns:-5}
client=tenon-client-$$ server=tenon-server-$$

# transfer ADDRESS MODE BYTES PID...: Gbit/s or round trips per second, and the same per CPU-second of both sides.
transfer() {
    local address=$1 mode=$2 bytes=$3 before after rate used
    shift 3
    before=$(ticks_of "$@")
    read -r rate used < <(ip netns exec "$client" taskset -c 1 build/tests/bench/stream/client "$address" "$mode" \
        "$seconds" "$bytes" | grep -oE '[0-9.]+' | head -n 2 | paste -s -d ' ')
    after=$(ticks_of "$@")
    awk -v rate="$rate" -v mode="$mode" -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" -v seconds="$seconds" \
        -v used="$used" 'BEGIN {
            work = mode == "echo" ? rate * seconds : rate * seconds / 8
            own = mode == "echo" ? used * rate * seconds / 1e6 : used * work
            printf "%s %.4f\n", rate, work / (ticks / hz + own)
        }'
}

serves() { ip netns exec "$client" bash -c "exec 3<>/dev/tcp/$1/5004" 2>/dev/null; }

# The guest sends in writes of 64 KiB, a second one in writes of 1,000 bytes; so do two servers on Linux.
new_namespace "$client"
new_namespace "$server"
declare -A pids
machines=()
for bytes in 65536 1000; do
    subnet=10.0.$((bytes == 1000 ? 1 : 0))
    tap=tap$bytes
    ip -n "$client" tuntap add name "$tap" mode tap vnet_hdr
    ip -n "$client" addr add "$subnet.1/24" dev "$tap"
    ip -n "$client" link set "$tap" up
    ip netns exec "$client" taskset -c 0 "$hv" run --accel pv --net "tap=$tap" --ip "$subnet.2/24,$subnet.1" \
        "$images/stream.elf" -- "$bytes" >/dev/null 2>&1 </dev/null &
    machine=$!
    started+=("$machine")
    until_true 10 serves "$subnet.2"
    pids[guest-$bytes]=$(machine_pids "$machine")
    machines+=("$machine")

    subnet=10.1.$((bytes == 1000 ? 1 : 0))
    ip -n "$client" link add "veth$bytes" type veth peer name "veth$bytes" netns "$server"
    ip -n "$client" addr add "$subnet.1/24" dev "veth$bytes"
    ip -n "$server" addr add "$subnet.2/24" dev "veth$bytes"
    ip -n "$client" link set "veth$bytes" up
    ip -n "$server" link set "veth$bytes" up
done
ip netns exec "$server" taskset -c 0 build/tests/bench/stream/server 65536 >/dev/null 2>&1 &
pids[linux-65536]=$!
started+=("$!")
until_true 10 serves 10.1.0.2

# compare WHAT MODE BYTES UNIT AIM [AIM OF THE RATIO PER CPU-SECOND]
compare() {
    local what=$1 mode=$2 bytes=$3 unit=$4 aim=$5 per_cpu_aim=${6:-} turn server_bytes=65536 last=0
    if [ "$mode" = receive ] && [ "$bytes" = 1000 ]; then server_bytes=1000 last=1; fi
    rm -f "$scratch"/rates.*
    for ((turn = 0; turn < turns; turn++)); do
        # shellcheck disable=SC2086  # a line of pids
        transfer "10.0.$last.2" "$mode" "$bytes" ${pids[guest-$server_bytes]} >>"$scratch/rates.guest"
        transfer "10.1.$last.2" "$mode" "$bytes" "${pids[linux-$server_bytes]}" >>"$scratch/rates.linux"
    done
    local guest native guest_per_cpu native_per_cpu
    guest=$(cut -d ' ' -f 1 "$scratch/rates.guest" | median)
    native=$(cut -d ' ' -f 1 "$scratch/rates.linux" | median)
    guest_per_cpu=$(cut -d ' ' -f 2 "$scratch/rates.guest" | median)
    native_per_cpu=$(cut -d ' ' -f 2 "$scratch/rates.linux" | median)
    row "$what, over TAP" "$guest" "$unit"
    row "  the same with Linux over veth" "$native" "$unit"
    row "  ratio" "$(ratio "$guest" "$native")" "" "$aim" more
    row "  ratio per CPU-second of both sides" \
        "$(ratio "$guest_per_cpu" "$native_per_cpu")" "" "$per_cpu_aim" more
}

compare "TCP stream into the guest" send 65536 Gbit/s 0.7 0.8
compare "TCP stream into the guest, writes of 1,000 bytes" send 1000 Gbit/s 1.0
compare "TCP stream out of the guest" receive 65536 Gbit/s 1.0 0.9
compare "round trips of one byte" echo 1 1/s 1.0

# The second server of Linux takes the first one's ports.
kill -KILL "${pids[linux-65536]}"
wait "${pids[linux-65536]}" 2>/dev/null || true
ip netns exec "$server" taskset -c 0 build/tests/bench/stream/server 1000 >/dev/null 2>&1 &
pids[linux-1000]=$!
started+=("$!")
until_true 10 serves 10.1.1.2
compare "TCP stream out of the guest, writes of 1,000 bytes" receive 1000 Gbit/s 1.0

kill -INT "${machines[@]}"
kill -KILL "${pids[linux-1000]}"
wait "${machines[@]}" "${pids[linux-1000]}" 2>/dev/null || true
