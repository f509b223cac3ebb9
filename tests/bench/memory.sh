# SPDX-License-Identifier: Apache-2.0
# Memory of an idle machine: hv and the guest process together.

# rollup_kib FIELD PID...: sum of a line of smaps_rollup.
rollup_kib() {
    local field=$1 pid
    shift
    for pid in "$@"; do
        cat "/proc/$pid/smaps_rollup"
    done | awk -v field="$field" '$1 ~ "^" field ":" { sum += $2 } END { print sum }'
}

# start_idle NAME: a machine that is ready; its hv's pid in $machine.
start_idle() {
    : >"$scratch/$1.out"
    "$hv" run --accel pv --name "$1" --boot-report "$images/idle.elf" >"$scratch/$1.out" 2>&1 </dev/null &
    machine=$!
    started+=("$machine")
    until_true 10 grep -q boot "$scratch/$1.out"
}

start_idle "idle-$$-0"
mapfile -t pids < <(machine_pids "$machine")
# A second after its start hv drops the memory that only the start needed.
sleep 2
row "private memory of one idle machine, 2 s after its start" \
    "$(awk -v a="$(rollup_kib Private_Dirty "${pids[@]}")" -v b="$(rollup_kib Private_Clean "${pids[@]}")" \
        'BEGIN { printf "%.2f", (a + b) / 1024 }')" MiB 1.5
row "  of it written to (the rest is hv's executable, which machines share)" \
    "$(rollup_kib Private_Dirty "${pids[@]}" | awk '{ printf "%.2f", $1 / 1024 }')" MiB
machines=("$machine")
for number in $(seq 499); do
    start_idle "idle-$$-$number"
    machines+=("$machine")
done
mapfile -t all < <(for machine in "${machines[@]}"; do machine_pids "$machine"; done)
row "proportional set of each of 500 idle machines" \
    "$(rollup_kib Pss "${all[@]}" | awk '{ printf "%.2f", $1 / 1024 / 500 }')" MiB 1
for machine in "${machines[@]}"; do kill -INT "$machine"; done
for machine in "${machines[@]}"; do wait "$machine" || true; done
