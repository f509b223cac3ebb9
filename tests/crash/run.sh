#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ext4 without its power: cuts of a recorded disk, turns with Linux, and machines that are killed.
#   tests/crash/run.sh [--states N] [--kills N] [--turns N] [cuts|faults|turns|kills...]
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

states=300 kills=20 turns=20 subjects=()
while [ $# != 0 ]; do
    case $1 in
        --states) states=$2 ;;
        --kills) kills=$2 ;;
        --turns) turns=$2 ;;
        *)
            subjects+=("$1")
            shift
            continue
            ;;
    esac
    shift 2
done
[ ${#subjects[@]} != 0 ] || subjects=(cuts faults turns kills)
export PATH=$PATH:/sbin:/usr/sbin
programs=$root/build/tests

# cuts WORKLOAD BLOCK_SIZE: a tenth of the states
cuts() { "$programs/crash" --workload "$1" --block-size "$2" --seed "$2" --states $((states / 10)); }
subject_cuts() {
    local workload block_size
    for workload in append names database truncate full; do
        for block_size in 1024 4096; do
            test_case "power cuts: $workload, blocks of $block_size: nothing is lost" cuts "$workload" "$block_size"
        done
    done
}

# What the file system must not leave out is found to be missing.
subject_faults() {
    test_case "power cuts: without revoke records a replay overwrites data" \
        "$programs/crash" --fault no-revoke --workload names --states 300
    test_case "power cuts: without a flush before the commit block a torn transaction is replayed" \
        "$programs/crash" --fault no-flush-before-commit --states 300
    test_case "power cuts: freed blocks that are taken before the commit are overwritten" \
        "$programs/crash" --fault no-deferred-reuse --workload full --states 300
}

# turn BLOCK_SIZE MIB COUNT
turn() { "$programs/turns" "$3" "$1" "$2"; }
subject_turns() {
    test_case "Linux and Tenon in turns: Debian's defaults" turn 4096 512 "$turns"
    test_case "Linux and Tenon in turns: blocks of 2048 bytes" turn 2048 32 $(((turns + 3) / 4))
    test_case "Linux and Tenon in turns: blocks of 1024 bytes, several groups" turn 1024 40 $(((turns + 3) / 4))
}

# last WHAT FILE: the number that was said last
last() { sed -n "s/^$1 \([0-9]*\)$/\1/p" "$2" | tail -n 1; }

# All that was acknowledged before is there, as the machine that starts next tells, and as Linux finds it.
killed_machines() {
    local round log=0 current=0 has machine status much=1000000000
    truncate -s 64M kills.img
    mke2fs -q -t ext4 kills.img
    for round in $(seq "$kills"); do
        "$hv" run --accel pv --cpus 2 --memory 64M --run-dir "$scratch/run" --name "kill-$round" \
            --kernel-options 'mount=ext4:/data,disk=vda' --disk kills.img "$images/kills.elf" >out 2>err &
        machine=$!
        # At a point that varies.
        poll 20 eval '[ "$(last current out || true)" ] && [ "$(grep -c . out)" -gt $((10 + round * 7 % 50)) ] ||
            ! kill -0 $machine 2>/dev/null'
        kill -KILL "$machine"
        wait "$machine" || true
        sed -i 's/\r$//' out
        not grep -q failed out
        between "round $round: lines in the log, of those that were acknowledged" "$(last "has log" out)" "$log" "$much"
        between "round $round: current, of what was acknowledged" "$(last "has current" out)" "$current" "$much"
        log=$(last log out)
        current=$(last current out)
        # As Linux's tools replay and read it.
        cp --sparse=always kills.img copy.img
        status=0
        e2fsck -p copy.img >fsck.out 2>&1 || status=$?
        between "e2fsck -p: $(<fsck.out)" "$status" 0 1
        e2fsck -fn copy.img >fsck.out 2>&1 || { cat fsck.out; return 1; }
        has=$(debugfs -R "cat /log" copy.img 2>/dev/null | grep -c '^[0-9]\{15\}$')
        between "round $round: lines that Linux finds" "$has" "$log" "$much"
        has=$(debugfs -R "cat /current" copy.img 2>/dev/null)
        between "round $round: current as Linux finds it" "$((10#$has))" "$current" "$much"
    done
}
subject_kills() { test_case "$kills machines that are killed lose nothing that was acknowledged" killed_machines; }

for subject in "${subjects[@]}"; do "subject_$subject"; done
finish
