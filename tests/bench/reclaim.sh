# SPDX-License-Identifier: Apache-2.0
# Memory that comes back: after it was freed, after a scan for zero pages, by the balloon.

net="tenon-reclaim-$$"
new_namespace "$net"
ip -n "$net" tuntap add name tap0 mode tap vnet_hdr
ip -n "$net" addr add 10.0.0.1/24 dev tap0
ip -n "$net" link set tap0 up

# Of hv and the guest together.
resident() { "$hv" memory "$1" --json | jq .proportional_bytes; }
answers() { ip netns exec "$net" curl -sf -m 1 -o "$scratch/answer" http://10.0.0.2/1; }

# start_load NAME MEMORY OPTIONS ARGUMENTS...: a machine that answers; its hv's pid in $machine.
start_load() {
    local name=$1 memory=$2 options=$3
    shift 3
    ip netns exec "$net" "$hv" run --accel pv --name "$name" --memory "$memory" --kernel-options "$options" \
        --net tap=tap0 \
        --ip 10.0.0.2/24,10.0.0.1 "$images/load.elf" -- "$@" >"$scratch/$name.out" 2>&1 </dev/null &
    machine=$!
    started+=("$machine")
    until_true 60 answers
}
stop_machine() {
    kill -INT "$1"
    wait "$1" || true
}

# The memory of a machine of this size right after its start.
start_load "fresh-$$" 2G "" touch 1
fresh=$(resident "fresh-$$")
stop_machine "$machine"

start_load "freed-$$" 2G "" touch 1024
sleep 5
freed=$(resident "freed-$$")
stop_machine "$machine"
row "resident, 5 s after 1 GiB was touched and freed, of a fresh boot's" \
    "$(ratio "$freed" "$fresh")" times 1.05

start_load "zeros-$$" 2G "zero.delay=3600" zeros 1024
before=$(resident "zeros-$$")
"$hv" reclaim "zeros-$$"
scanned() { [ "$("$hv" memory "zeros-$$" --json | jq .counters.pages_dropped)" -ge $((1024 * 256 - 64)) ]; }
until_true 30 scanned
sleep 1
zeros=$(resident "zeros-$$")
counters=$("$hv" memory "zeros-$$" --json)
answers
stop_machine "$machine"
row "resident, 1 GiB of zero-filled pages in use, before the scan" \
    "$(awk -v a="$before" 'BEGIN { printf "%.0f", a / 1048576 }')" MiB
row "  after one full scan, of a fresh boot's" "$(ratio "$zeros" "$fresh")" \
    times 1.1
row "  looking and dropping together, per core" \
    "$(jq -r '.counters | .pages_scanned * 4096 / .scan_ns * 1e9 / 1073741824 | . * 100 | round / 100' \
        <<<"$counters")" GiB/s

# Milliseconds until the balloon of machine $1 is of $2 MiB.
set_balloon() {
    local begin
    begin=$(date +%s%N)
    "$hv" balloon "$1" "$2M" >/dev/null
    reached() { [ "$("$hv" memory "$1" --json | jq .ballooned_bytes)" = $(($2 << 20)) ]; }
    until_true 60 reached "$1" "$2"
    echo $((($(date +%s%N) - begin) / 1000000))
}
rate() { awk -v mib="$1" -v ms="$2" 'BEGIN { printf "%.2f", mib / 1024 / (ms / 1000) }'; }
# Reports are delayed, so that the host holds memory that can be dropped.
start_load "inflate-$$" 5G "balloon.report_delay=3600000" touch 4096
row "inflate by 4 GiB of touched memory" "$(rate 4096 "$(set_balloon "inflate-$$" 4096)")" GiB/s 4 more
row "deflate by 4 GiB" "$(rate 4096 "$(set_balloon "inflate-$$" 0)")" GiB/s 4 more
stop_machine "$machine"
