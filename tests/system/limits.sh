# SPDX-License-Identifier: Apache-2.0
# Limits of a network interface: at start, live, by the API, over a restart. Rates are compared with each other.

interface_of() { hv_at info --json "$1" | jq -c ".network_interfaces[0].$2"; }
# moved NAME COUNTER COMMAND...: what COMMAND adds to a counter of the network.
moved() {
    local before after
    before=$(counter "$1" ".net.$2")
    "${@:3}" >/dev/null 2>&1 || true
    after=$(counter "$1" ".net.$2")
    echo $((after - before))
}
# drain NAME LIMIT: no limit, and what waited for it has passed.
drain() {
    hv_at set "$1" "net0.$2=none"
    in_namespace ping -q -c 1 -W 10 10.0.0.2 >/dev/null
}
# limited_ratio NAME COUNTER LIMIT LOW HIGH COMMAND...: what passes with two limits is as their ratio, four.
send_stream() { in_namespace timeout 2 socat -u /dev/zero TCP:10.0.0.2:5001; }
receive_stream() { in_namespace timeout 2 socat -u TCP:10.0.0.2:5002 OPEN:/dev/null; }
# Each is answered with a reset.
many_packets() {
    in_namespace "$root/build/tests/flood" tap0 syn-closed 1000000 500
    sleep 2
}
limited_ratio() {
    local name=$1 what=$2 limit=$3 low=$4 high=$5 slow fast free
    hv_at set "$name" "net0.$limit=$low"
    slow=$(moved "$name" "$what" "${@:6}")
    drain "$name" "$limit"
    hv_at set "$name" "net0.$limit=$high"
    fast=$(moved "$name" "$what" "${@:6}")
    drain "$name" "$limit"
    free=$(moved "$name" "$what" "${@:6}")
    echo "$limit: $slow, $fast, without limit $free"
    between "tenths of the ratio of $low and $high" $((10 * fast / slow)) 25 55
    [ "$free" -gt $((fast * 3 / 2)) ]
}

rates() {
    with_tap
    stream_machine limited
    limited_ratio limited tx_bytes tx 1M::64K 4M::64K receive_stream
    limited_ratio limited rx_bytes rx 1M::64K 4M::64K send_stream
    limited_ratio limited rx_packets rx-packets 25:3 100:10 many_packets
    limited_ratio limited tx_packets tx-packets 25:3 100:10 many_packets
    [ "$(counter limited .net.rx_limited)" -gt 0 ]
    [ "$(counter limited .net.tx_limited)" -gt 0 ]
    in_namespace ping -q -c 1 -W 5 10.0.0.2
    stop "$machine"
}
root_case "a network namespace" "a limit four times as high lets four times as much pass, in each direction" rates

bursts() {
    with_tap
    # A burst that lasts for longer than the case.
    stream_machine burst
    local free peak spent
    hv_at set burst net0.tx=64K:4M:1G
    peak=$(moved burst tx_bytes receive_stream)
    hv_at set burst net0.tx=64K::1G
    free=$(moved burst tx_bytes receive_stream)
    hv_at set burst net0.tx=64K:4M:64K
    receive_stream || true
    spent=$(moved burst tx_bytes receive_stream)
    echo "in a burst at the peak $peak, in a burst $free, after it $spent"
    [ "$free" -gt $((2 * peak)) ]
    [ "$peak" -gt $((8 * spent)) ]
    stop "$machine"
}
root_case "a network namespace" "a burst is not faster than the peak, and ends" bursts

kept_limits() {
    detach kept --net user,tx=10M:20M:4M,rx-packets=1000 "$images/httpd.elf"
    contains "hv info" "$(hv_at info kept | tr -s ' ')" "send limit 10.0 MiB/s, peak 20.0 MiB/s, burst 4.0 MiB"
    contains "hv info" "$(hv_at info kept | tr -s ' ')" "receive limit 1000 packets/s"
    hv_at set kept net0.tx=5M net0.rx=1M net0.rx-packets=none
    local tx='{"bandwidth":{"size":524288,"refill_time":100}}'
    rx='{"bandwidth":{"size":104857,"refill_time":100}}'
    expect "sends" "$(interface_of kept tx_rate_limiter)" "$tx"
    expect "receives" "$(interface_of kept rx_rate_limiter)" "$rx"
    hv_at reboot kept
    poll 20 restarted kept 1
    poll 20 state_is kept running
    expect "sends after a restart" "$(interface_of kept tx_rate_limiter)" "$tx"
    hv_at set kept net0.tx=none
    hv_at stop kept
    hv_at start kept
    expect "sends after a stop" "$(interface_of kept tx_rate_limiter)" null
    expect "receives after a stop" "$(interface_of kept rx_rate_limiter)" "$rx"
}
test_case "limits are in hv info, and are kept over restart and stop" kept_limits

by_api() {
    start limits --net user "$images/httpd.elf"
    local path=/network-interfaces/net0 limiter='{"ops": {"size": 100, "refill_time": 1000}}'
    expect "change" "$(patch limits $path "{\"iface_id\": \"net0\", \"rx_rate_limiter\": $limiter}")" 204
    expect "in the configuration" \
        "$(get limits /vm/config | jq -c '.tenon.user_network.rx_rate_limiter.ops.size')" 100
    expect "another interface" "$(patch limits /network-interfaces/net1 "{}")" 400
    expect "a wrong limiter" "$(patch limits $path '{"rx_rate_limiter": {"ops": 1}}')" 400
    expect "another method" "$(code_of limits $path)" 405
    expect "no interface is named" "$(code_of limits /network-interfaces --request PATCH --data '{}')" 404
    expect "no change" "$(get limits /vm/config | jq -c '.tenon.user_network.rx_rate_limiter.ops.size')" 100
    stop "$machine"
}
test_case "limits are changed in Firecracker's words" by_api

refused_limits() {
    refused_run 100 "AVERAGE[:PEAK[:BURST]]" --net user,rx=fast "$images/hello.elf"
    refused_run 100 "below 1K" --net user,rx=10 "$images/hello.elf"
    refused_run 100 "peak is below" --net user,tx=10M:1M "$images/hello.elf"
    start limits --net user "$images/httpd.elf"
    refused 100 "did you mean 'rx-packets'" "$hv" set --run-dir "$RUN" limits net0.rx-packet=5
    refused 100 "PART.LIMIT=VALUE" "$hv" set --run-dir "$RUN" limits rx=5M
    refused 100 "it has 'net0'" "$hv" set --run-dir "$RUN" limits net1.rx=5M
    refused 100 "already changed: net0" "$hv" set --run-dir "$RUN" limits net0.rx=5M net1.rx=5M
    refused 101 "" "$hv" set --run-dir "$RUN" no-such-machine net0.rx=5M
    stop "$machine"
    start limits "$images/idle.elf"
    refused 100 "no network interface" "$hv" set --run-dir "$RUN" limits net0.rx=5M
    stop "$machine"
}
test_case "limits that cannot be are refused" refused_limits
