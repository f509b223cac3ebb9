# SPDX-License-Identifier: Apache-2.0
# Many connections: what a segment to one of them costs the server, and what a connection of one request costs it.
# The client is on one CPU, the server on the other.

segments=${segments:-100000}
turns=${turns:-5}
connection_seconds=${connection_seconds:-4}
client=tenon-client-$$ server=tenon-server-$$

new_namespace "$client"
ip -n "$client" tuntap add name tap0 mode tap vnet_hdr
ip -n "$client" addr add 10.0.0.1/24 dev tap0
ip -n "$client" link set dev tap0 txqueuelen 10000 up

# start_guest IMAGE OPTIONS...: its hv in $machine, hv and the guest in $pids.
start_guest() {
    ip netns exec "$client" taskset -c 0 "$hv" run --accel pv --net tap=tap0 --ip 10.0.0.2/24,10.0.0.1 "${@:2}" \
        "$images/$1.elf" >/dev/null 2>&1 </dev/null &
    machine=$!
    started+=("$machine")
    until_true 10 ip netns exec "$client" bash -c "exec 3<>/dev/tcp/10.0.0.2/80" 2>/dev/null
    mapfile -t pids < <(machine_pids "$machine")
}
stop_guest() {
    kill -INT "$machine"
    wait "$machine" || true
}
has_lines() { [ "$(grep -c "$2" "$1")" -ge "$3" ]; }

# segment_cost CONNECTIONS: the server's CPU time for a segment on one of them, in us; a line each turn.
segment_cost() {
    local turn before steps=()
    start_guest crowd --memory 256M
    for ((turn = 0; turn <= turns; turn++)); do steps+=("segments:$segments"); done
    ip netns exec "$client" taskset -c 1 build/tests/crowd 10.0.0.2 "idle:$1" "${steps[@]}" >"$scratch/crowd" &
    # The first turn warms up.
    until_true 120 has_lines "$scratch/crowd" segments 1
    for ((turn = 2; turn <= turns + 1; turn++)); do
        before=$(ticks_of "${pids[@]}")
        until_true 120 has_lines "$scratch/crowd" segments "$turn"
        awk -v ticks=$(($(ticks_of "${pids[@]}") - before)) -v hz="$(getconf CLK_TCK)" -v count="$segments" \
            'BEGIN { printf "%.2f\n", ticks / hz * 1e6 / count }'
    done
    wait "$!"
    stop_guest
}
few=$(segment_cost 10 | median)
many=$(segment_cost 10000 | median)
row "a segment to one of 10 connections, the server's CPU" "$few" us
row "  to one of 10,000" "$many" us
row "  ratio" "$(ratio "$many" "$few")" "" 2 less

# connection_rate PID...: connections opened, one request, closed, per second of the pids' CPU time.
connection_rate() {
    local before rate
    before=$(ticks_of "$@")
    rate=$(ip netns exec "$client" taskset -c 1 wrk -t 1 -c 32 -d "${connection_seconds}s" -H 'Connection: close' \
        http://10.0.0.2/index.html | awk '/Requests\/sec/ { print $2 }')
    awk -v rate="$rate" -v ticks=$(($(ticks_of "$@") - before)) -v seconds="$connection_seconds" \
        -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.0f\n", rate * seconds / (ticks / hz) }'
}
rates() {
    local turn
    for ((turn = 0; turn < turns; turn++)); do connection_rate "$@"; done | median
}

start_guest httpd
guest=$(rates "${pids[@]}")
stop_guest
ip -n "$client" link delete tap0

start_httpd_on_linux "$client" "$server"
until_true 10 ip netns exec "$client" bash -c "exec 3<>/dev/tcp/10.0.0.2/80" 2>/dev/null
linux=$(rates "$native")
kill -KILL "$native"
wait "$native" 2>/dev/null || true

row "connections opened, one request, closed, per second of server CPU" "$guest" 1/s
row "  the same source on Linux over veth" "$linux" 1/s
row "  ratio" "$(ratio "$guest" "$linux")" "" 1.5 more
