# SPDX-License-Identifier: Apache-2.0
# Limits of a network interface and of a disk: at start, live, by the API, over a restart. Rates are compared with each
# other.

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

# hv stands still until hv set has given up.
too_late() {
    start late --net user "$images/httpd.elf"
    kill -STOP "$machine"
    refused 108 "" "$hv" set --run-dir "$RUN" late net0.rx=5M
    kill -CONT "$machine"
    # It answers again, and has taken what came before.
    hv_at set late net0.tx=1M
    expect "the first setting" "$(interface_of late rx_rate_limiter)" null
    contains "the second one" "$(interface_of late tx_rate_limiter)" bandwidth
    stop "$machine"
}
test_case "a setting that hv set has reported as failed is not made later" too_late

# The same of a disk.

disk_limiter_of() { hv_at info --json "$1" | jq -c ".disks[0].rate_limiter"; }
# disk_rate LIMIT MEASURE: the median that pvbench measures.
disk_rate() {
    timeout 60 "$hv" run --run-dir "$RUN" --accel pv --disk "data.raw$1" "$images/pvbench.elf" -- --json --quick \
        --write --only "$2" <&- 2>rate.err | tr -d '\r' >rate
    sed -n '/BEGIN PVBENCH/,/END PVBENCH/ { /^{/p }' rate | jq ".measures[] | select(.name == \"$2\").median | floor"
}

disk_rates() {
    truncate --size 64M data.raw
    local measure
    for measure in blk_random_read_32 blk_random_write_32; do
        between "$measure, 100 requests a second" "$(disk_rate ,iops=100 $measure)" 80 110
        between "$measure, 400 requests a second" "$(disk_rate ,iops=400 $measure)" 320 440
        # 256 of 4 KiB.
        between "$measure, 1 MiB a second" "$(disk_rate ,bps=1M $measure)" 200 290
        [ "$(disk_rate "" $measure)" -gt 1000 ]
    done
    # 32 MiB pass at 2 MiB a second, as long as the measurement lasts.
    between "at the peak in a burst" "$(disk_rate ,bps=64K:2M:32M blk_random_read_32)" 400 600
}
test_case "a disk's requests and bytes have the rate that is set, and a peak in a burst" disk_rates

kept_disk_limits() {
    truncate --size 1M data.raw
    detach kept --disk data.raw,bps=10M:20M:4M,iops=1000 "$images/idle.elf"
    contains "hv info" "$(hv_at info kept | tr -s ' ')" \
        "limit 10.0 MiB/s, peak 20.0 MiB/s, burst 4.0 MiB, 1000 requests/s"
    hv_at set kept vda.bps=5M vda.iops=none
    local limiter='{"bandwidth":{"size":524288,"refill_time":100}}'
    expect "limit" "$(disk_limiter_of kept)" "$limiter"
    hv_at reboot kept
    poll 20 restarted kept 1
    poll 20 state_is kept running
    expect "limit after a restart" "$(disk_limiter_of kept)" "$limiter"
    hv_at set kept vda.bps=none
    hv_at stop kept
    hv_at start kept
    expect "limit after a stop" "$(disk_limiter_of kept)" null
}
test_case "limits of a disk are in hv info, and are kept over restart and stop" kept_disk_limits

disk_limits_by_api() {
    truncate --size 1M data.raw
    start limits --disk data.raw "$images/idle.elf"
    local path=/drives/disk0 limiter='{"ops": {"size": 100, "refill_time": 1000}}'
    expect "change" "$(patch limits $path "{\"drive_id\": \"disk0\", \"rate_limiter\": $limiter}")" 204
    expect "in the configuration" "$(get limits /vm/config | jq -c '.drives[0].rate_limiter.ops.size')" 100
    expect "another disk" "$(patch limits /drives/disk1 "{\"rate_limiter\": $limiter}")" 400
    expect "a wrong limiter" "$(patch limits $path '{"rate_limiter": {"ops": 1}}')" 400
    expect "no change" "$(get limits /vm/config | jq -c '.drives[0].rate_limiter.ops.size')" 100
    refused 100 "'bps' and 'iops'" "$hv" set --run-dir "$RUN" limits vda.rx=5M
    refused 100 "no disk 'vdb'" "$hv" set --run-dir "$RUN" limits vdb.bps=5M
    refused 100 "requests per second" "$hv" set --run-dir "$RUN" limits vda.iops=fast
    stop "$machine"
    refused_run 100 "below 1K" --disk data.raw,bps=10 "$images/idle.elf"
    refused_run 100 "more than once" --disk data.raw,bps=1M,bps=2M "$images/idle.elf"
}
test_case "limits of a disk are changed in Firecracker's words, and refused by name" disk_limits_by_api
