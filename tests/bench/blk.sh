# SPDX-License-Identifier: Apache-2.0
# Random reads of 4 KiB, 32 in flight, from one file through the host's page cache: a guest on hv's pv (CPU time of hv
# and of the guest process), and fio with io_uring on the host. Both cached: what is compared is the way to the data,
# not the storage.

seconds=${seconds:-5}
disk=$scratch/disk.raw
dd if=/dev/urandom of="$disk" bs=1M count=256 status=none
cat "$disk" >/dev/null

: >"$scratch/blk.out"
"$hv" run --accel pv --disk "$disk,ro" "$images/bench-blk.elf" -- "$seconds" >"$scratch/blk.out" 2>&1 </dev/null &
machine=$!
started+=("$machine")
until_true $((seconds + 20)) grep -q requests "$scratch/blk.out"
ticks=0
for pid in $(machine_pids "$machine"); do ticks=$((ticks + $(cpu_ticks "$pid"))); done
kill -INT "$machine"
wait "$machine" || true
read -r guest_rate guest_per_cpu per_doorbell < <(awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" \
    '$1 == "done" { printf "%.0f %.0f %.1f\n", $2 / $4, $2 / (ticks / hz), $2 / $6 }' "$scratch/blk.out")

read -r fio_rate fio_per_cpu < <(fio --name=peer --filename="$disk" --readonly --rw=randread --bs=4k \
    --iodepth=32 --ioengine=io_uring \
    --direct=0 --invalidate=0 --norandommap --randrepeat=0 --time_based --runtime="$seconds" \
    --thread --output-format=json |
    jq -r '.jobs[0] | "\(.read.iops | round) \(.read.iops * 100 / (.usr_cpu + .sys_cpu) | round)"')

row "4 KiB random reads of a guest on pv, 32 in flight, cached" "$guest_rate" req/s
row "  the same" "$(awk -v rate="$guest_rate" 'BEGIN { printf "%.0f", rate * 4096 / 1e6 }')" MB/s
row "  requests for each doorbell" "$per_doorbell" ""
row "  fio with io_uring on the same file, cached" "$fio_rate" req/s
row "  the same" "$(awk -v rate="$fio_rate" 'BEGIN { printf "%.0f", rate * 4096 / 1e6 }')" MB/s
row "reads for each second of CPU, hv and guest" "$guest_per_cpu" req/s
row "  fio" "$fio_per_cpu" req/s
row "  ratio for each second of CPU" \
    "$(ratio "$guest_per_cpu" "$fio_per_cpu")" "" 0.5 more
