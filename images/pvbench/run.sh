#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs pvbench on each platform of this machine, one after the other:  images/pvbench/run.sh [PLATFORM...]
#
# Results: PLATFORM.json, PLATFORM.log (the console) and report.html in PVBENCH_RESULTS (build/pvbench). A platform that
# this machine lacks is left out with its reason. One that fails is named, the others are measured all the same, and the
# exit status is 1. PVBENCH_SECONDS limits the whole (600). PVBENCH_ARGUMENTS are further arguments of pvbench.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=images/pvbench
# With processes and a network of its own: nothing is left at the end, nothing is reached but this machine. A user is
# root inside, so that the network can be set up.
if [ "${1:-}" != --inside ]; then
    user=()
    if [ "$(id -u)" != 0 ]; then user=(--user --map-root-user); fi
    exec unshare "${user[@]}" --net --pid --fork --kill-child --mount-proc "$here/run.sh" --inside "$@"
fi
shift

hv=$PWD/build/hv image=$PWD/build/images/pvbench.elf
program=$PWD/build/pvbench-linux kernel=$PWD/build/nested/vmlinuz
results=${PVBENCH_RESULTS:-build/pvbench} port=5201
mkdir -p "$results"
scratch=$(mktemp -d "$(realpath "$results")/work.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
mkdir -m 0700 "$scratch/run"
disk=$scratch/disk
truncate --size 64M "$disk"
source "$here/platforms.sh"
# shellcheck disable=SC2206 # words
arguments+=(${PVBENCH_ARGUMENTS:-})

wanted=("$@")
if [ ${#wanted[@]} = 0 ]; then wanted=("${platforms[@]}"); fi
for platform in "${wanted[@]}"; do
    if [[ " ${platforms[*]} " != *" $platform "* ]]; then
        echo "pvbench: '$platform' is none of the platforms: ${platforms[*]}" >&2
        exit 2
    fi
done

# Guests have a TAP interface, programs of this machine one end of a pair. The peer listens on both.
make_networks() {
    ip link set lo up
    ip tuntap add name tap0 mode tap vnet_hdr
    ip addr add "$guest_peer/24" dev tap0
    ip link set tap0 up
    unshare --net sleep infinity &
    other_network=$!
    for _ in $(seq 500); do
        if [ "$(readlink "/proc/$other_network/ns/net")" != "$(readlink /proc/self/ns/net)" ]; then break; fi
        sleep 0.01
    done
    ip link add veth0 type veth peer name veth1 netns "$other_network"
    ip addr add "$native_peer/24" dev veth0
    ip link set veth0 up
    nsenter --target "$other_network" --net sh -c \
        "ip link set lo up; ip addr add $native_address dev veth1; ip link set veth1 up"
}
make_networks
"$program" --serve "$port" >"$scratch/peer" 2>&1 &
for _ in $(seq 500); do
    if grep -q serving "$scratch/peer"; then break; fi
    sleep 0.01
done
if ! grep -q serving "$scratch/peer"; then
    cat "$scratch/peer" >&2
    exit 1
fi

# The JSON on the console of a platform; kernels and firmware may write before and after it.
json_of() { tr -d '\r' <"$1" | sed -n '/^-----BEGIN PVBENCH JSON-----$/,/^-----END PVBENCH JSON-----$/{/^-----/!p}'; }

# measure PLATFORM: into its files. Fails if pvbench did not finish there, or what it printed cannot be read.
measure() {
    local log=$results/$1.log json=$results/$1.json status=0
    "run_${1//-/_}" >"$log" || status=$?
    json_of "$log" >"$json"
    # Some machines cannot report the program's status: what counts is the result.
    if "$program" --compare "$json" "$json" >/dev/null 2>"$scratch/refusal"; then return; fi
    rm -f "$json"
    case $status in
        124 | 137) reason="did not finish in $limit s" ;;
        0) reason="printed no result: $(head -n 1 "$scratch/refusal")" ;;
        *) reason="ended with status $status" ;;
    esac
    return 1
}

deadline=$((SECONDS + ${PVBENCH_SECONDS:-600})) number=0 failed=()
left_out=() files=()
say() { printf '[%d/%d] %s: %s\n' "$number" "${#wanted[@]}" "$platform" "$1"; }
for platform in "${wanted[@]}"; do
    number=$((number + 1)) reason=
    rm -f "$results/$platform".{json,log}
    reason=$("lacks_${platform//-/_}" | head -n 1)
    if [ -n "$reason" ]; then
        say "left out: $reason"
        left_out+=(--left-out "$platform=$reason")
        continue
    fi
    # What is left, in equal parts; who is fast leaves more to the others.
    limit=$(((deadline - SECONDS) / (${#wanted[@]} - number + 1)))
    if [ $limit -lt 1 ]; then limit=1; fi
    say "measuring, for $limit s at most"
    begin=$SECONDS
    if measure "$platform"; then
        files+=("$results/$platform.json")
        count=$(jq -r '"\(.measures | length) measures, \(.left_out | length) left out"' "$results/$platform.json")
        say "$count, $((SECONDS - begin)) s"
    else
        failed+=("$platform")
        left_out+=(--left-out "$platform=$reason")
        say "failed: $reason; its console is in $results/$platform.log"
    fi
done

if [ ${#files[@]} = 0 ]; then
    echo "pvbench: no platform was measured" >&2
    exit 1
fi
"$program" --report "$results/report.html" "${left_out[@]}" "${files[@]}"
echo "report: $results/report.html"
if [ ${#failed[@]} != 0 ]; then
    echo "pvbench: failed: ${failed[*]}" >&2
    exit 1
fi
