# SPDX-License-Identifier: Apache-2.0
# The answers of one machine beside another one at full load: streams into it and out of it, as fast as its limits let
# them. Both are on one bridge. The rounds take turns, so that what else the host does hits all of them.

neighbour_seconds=${neighbour_seconds:-4}
limits=rx=20M,tx=20M

net="tenon-neighbour-$$"
new_namespace "$net"
ip -n "$net" link add br0 type bridge
ip -n "$net" addr add 10.8.0.1/24 dev br0
ip -n "$net" link set br0 up
# start_on NUMBER IMAGE [LIMITS]: a machine at 10.8.0.NUMBER.
start_on() {
    ip -n "$net" tuntap add name "tap$1" mode tap vnet_hdr
    ip -n "$net" link set "tap$1" master br0 up
    ip netns exec "$net" "$hv" run --accel pv --run-dir "$scratch/neighbours" --name "n$1" --net "tap=tap$1${3:+,$3}" \
        --ip "10.8.0.$1/24,10.8.0.1" "$images/$2.elf" >/dev/null 2>&1 </dev/null &
    started+=($!)
    until_true 30 ip netns exec "$net" ping -q -c 1 -W 1 "10.8.0.$1" >/dev/null
}
mkdir -m 0700 "$scratch/neighbours"
start_on 2 httpd
start_on 3 stream "$limits"

# p99: of the httpd's answers now, 200 a second.
p99() { ip netns exec "$net" build/tests/bench/latency "$neighbour_seconds" 200 10.8.0.2 | awk '{ print $4 }'; }
streams=()
# load_on: four streams each way, until stop_load.
load_on() {
    local number
    for number in 1 2 3 4; do
        ip netns exec "$net" socat -u /dev/zero TCP:10.8.0.3:5001 2>/dev/null &
        streams+=($!)
        ip netns exec "$net" socat -u TCP:10.8.0.3:5002 OPEN:/dev/null 2>/dev/null &
        streams+=($!)
    done
    started+=("${streams[@]}")
}
stop_load() {
    kill "${streams[@]}"
    wait "${streams[@]}" || true
    streams=()
}
set_limits() { "$hv" set --run-dir "$scratch/neighbours" n3 "$@"; }

for round in 1 2 3 4 5; do
    p99 >>"$scratch/alone"
    load_on
    p99 >>"$scratch/limited"
    set_limits net0.rx=none net0.tx=none
    p99 >>"$scratch/unlimited"
    set_limits net0.rx=20M net0.tx=20M
    stop_load
done
paste "$scratch/alone" "$scratch/limited" "$scratch/unlimited" >"$scratch/rounds"
row "p99 of an answer, beside an idle machine" "$(median <"$scratch/alone")" ms
row "  beside one at full load with limits ($limits)" "$(median <"$scratch/limited")" ms
row "  ratio, median of five pairs" "$(awk '{ print $2 / $1 }' "$scratch/rounds" | median)" "" 1.5
row "  the same without limits" "$(awk '{ print $3 / $1 }' "$scratch/rounds" | median)" ""
