# SPDX-License-Identifier: Apache-2.0
# Disks: from one file through the host's page cache, a guest on hv's pv (CPU time of hv and of the guest process), and
# fio with io_uring on the host. Random reads of 4 KiB, 32 in flight, and 1 MiB one behind the other, 4 in flight. All
# cached: what is compared is the way to the data, not the storage.

seconds=${seconds:-5}
disk=$scratch/disk.raw
dd if=/dev/urandom of="$disk" bs=1M count=256 status=none
cat "$disk" >/dev/null

# guest_figures MODE: requests a second, requests for each second of CPU, requests for each doorbell, in $guest_rate and
# so on.
guest_figures() {
    : >"$scratch/blk.out"
    "$hv" run --accel pv --memory 128M --disk "$disk" "$images/bench-blk.elf" -- "$seconds" "$1" \
        >"$scratch/blk.out" 2>&1 </dev/null &
    local machine=$! ticks=0 pid
    started+=("$machine")
    until_true $((seconds + 20)) grep -q requests "$scratch/blk.out"
    for pid in $(machine_pids "$machine"); do ticks=$((ticks + $(cpu_ticks "$pid"))); done
    kill -INT "$machine"
    wait "$machine" || true
    read -r guest_rate guest_per_cpu per_doorbell < <(awk -v ticks="$ticks" -v hz="$(getconf CLK_TCK)" \
        '$1 == "done" { printf "%.0f %.0f %.1f\n", $2 / $4, $2 / (ticks / hz), $2 / $6 }' "$scratch/blk.out")
}
# fio_figures KIND BLOCK DEPTH: the same of fio, of the job's kind (read, randread, write). The CPU time is the whole
# process's: the kernel's workers, which do the buffered writes, are threads of it, and not in what fio reports.
fio_figures() {
    local kind=${1#rand} TIMEFORMAT='%U %S' requests user system
    { time fio --name=peer --filename="$disk" --rw="$1" --bs="$2" --iodepth="$3" --ioengine=io_uring --direct=0 \
        --invalidate=0 --norandommap --randrepeat=0 --time_based --runtime="$seconds" --thread --output-format=json \
        --output="$scratch/fio.json"; } 2>"$scratch/fio.time"
    read -r user system < <(tail -n 1 "$scratch/fio.time")
    read -r fio_rate requests < <(jq -r --arg kind "$kind" \
        '.jobs[0] | .[$kind] | "\(.iops | round) \(.total_ios)"' "$scratch/fio.json")
    fio_per_cpu=$(awk -v requests="$requests" -v cpu="$user $system" \
        'BEGIN { split(cpu, part, " "); printf "%.0f", requests / (part[1] + part[2]) }')
}
# compare TEXT MODE KIND BLOCK DEPTH
compare() {
    guest_figures "$2"
    fio_figures "$3" "$4" "$5"
    row "$1 of a guest on pv, cached" "$guest_rate" req/s
    row "  requests for each doorbell" "$per_doorbell" ""
    row "  fio with io_uring on the same file, cached" "$fio_rate" req/s
    row "  for each second of CPU, hv and guest" "$guest_per_cpu" req/s
    row "  for each second of CPU, fio" "$fio_per_cpu" req/s
    row "  ratio for each second of CPU" "$(ratio "$guest_per_cpu" "$fio_per_cpu")" "" 0.9 more
}

compare "4 KiB random reads, 32 in flight," random randread 4k 32
compare "1 MiB sequential reads, 4 in flight," read read 1M 4
compare "1 MiB sequential writes, 4 in flight," write write 1M 4
