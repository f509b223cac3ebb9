# SPDX-License-Identifier: Apache-2.0
# Many machines in little memory: machines of 256 MiB with a mixed load in a memory cgroup of 1 GiB, `hv balance` over
# them. Each: an idle httpd, a key-value cache that is 30 % full, or a job that grows to half of its memory and shrinks
# again. Counted: configured memory against the budget, failed answers, and the memory that reports, zero pages, balloon
# and swap gave.

budget_mib=1024
machine_mib=256
cache_mib=$((machine_mib * 30 / 100))
batch_mib=$((machine_mib / 2))
seconds=${overcommit_seconds:-60}

group=/sys/fs/cgroup/memory/tenon-overcommit-$$
if ! mkdir "$group" 2>/dev/null; then
    echo "overcommit: not measured, because there is no version 1 memory cgroup at /sys/fs/cgroup/memory" \
        "(run it where there is one)"
    return 0
fi
swap=$scratch/swap
fallocate -l 4G "$swap"
chmod 600 "$swap"
mkswap -q "$swap"
swapon "$swap"
ended_overcommit() {
    swapoff "$swap" 2>/dev/null || true
    rmdir "$group" 2>/dev/null || true
}
trap 'cleanup_machines; ended_overcommit; cleanup' EXIT
cleanup_machines() {
    local pid
    for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
echo $((budget_mib << 20)) >"$group/memory.limit_in_bytes"

net="tenon-over-$$"
new_namespace "$net"
ip -n "$net" link add br0 type bridge
ip -n "$net" addr add 10.8.0.1/16 dev br0
ip -n "$net" link set br0 up

answers() { ip netns exec "$net" curl -sf -m 2 -o "$scratch/answer" "http://$1/"; }

# start_mixed COUNT: machines over-$$-N with addresses 10.8.1.N.
start_mixed() {
    local count=$1 number address
    addresses=() names=() machines=()
    for number in $(seq "$count"); do
        address=10.8.1.$number
        ip -n "$net" tuntap add name "tap$number" mode tap vnet_hdr
        ip -n "$net" link set "tap$number" master br0 up
        local run=("$hv" run --accel pv --name "over-$$-$number" --memory "${machine_mib}M" --memory-reservation 16M
            --net "tap=tap$number" --ip "$address/16,10.8.0.1")
        case $((number % 3)) in
            0) run+=("$images/httpd.elf") ;;
            1) run+=("$images/load.elf" -- cache "$cache_mib") address+='#' ;;
            2) run+=("$images/load.elf" -- batch "$batch_mib" $((8 + number % 5))) ;;
        esac
        # Not a function: the signal must reach hv, not a shell around it.
        sh -c 'echo $$ >"$0"/cgroup.procs && exec "$@"' "$group" ip netns exec "$net" "${run[@]}" \
            >"$scratch/over-$number.out" 2>&1 \
            </dev/null &
        started+=($!)
        machines+=($!)
        addresses+=("$address")
        names+=("over-$$-$number")
        until_true 60 answers "${address%#}"
    done
}
stop_mixed() {
    local pid number
    for pid in "${machines[@]}"; do kill -INT "$pid"; done
    for pid in "${machines[@]}"; do wait "$pid" || true; done
    for number in $(seq ${#machines[@]}); do ip -n "$net" link delete "tap$number"; done
}
measure() { ip netns exec "$net" build/tests/bench/latency "$seconds" 100 "${addresses[@]}"; }
total() {
    local name
    for name in "${names[@]}"; do
        "$hv" memory "$name" --json | jq "$1"
    done | awk '{ sum += $1 } END { printf "%.0f", sum / 1048576 }'
}

start_mixed $((budget_mib / machine_mib))
read -r answered failed _ alone_p99 _ < <(measure)
row "100 %: p99 of an answer, ${#machines[@]} machines, $answered answers, $failed failed" "$alone_p99" ms
stop_mixed

# Four times the budget, and then some.
"$hv" balance --cgroup "$group" --interval 500 >"$scratch/balance.log" 2>&1 &
balance=$!
started+=("$balance")
start_mixed "${overcommit_machines:-18}"
read -r answered failed _ crowded_p99 worst < <(measure)
alive=0
for pid in "${machines[@]}"; do if kill -0 "$pid" 2>/dev/null; then alive=$((alive + 1)); fi; done
total_answers=$((answered + failed))
row "configured memory of the budget, $alive of ${#machines[@]} alive, $failed of $total_answers answers failed" \
    $((${#machines[@]} * machine_mib * 100 / budget_mib)) % 400 more
row "  p99 of an answer (worst $worst ms)" "$crowded_p99" ms
row "  resident" "$(total .guest_resident_bytes)" MiB
row "  given back by reports since boot" "$(total .reported_bytes)" MiB
row "  zero pages in use that share the host's" "$(total .zero_shared_bytes)" MiB
row "  in balloons" "$(total .ballooned_bytes)" MiB
row "  in swap" "$(total .swapped_bytes)" MiB
kill -INT "$balance"
wait "$balance" || true
row "  decisions of hv balance" "$(wc -l <"$scratch/balance.log")" lines
stop_mixed
ended_overcommit
trap cleanup EXIT
