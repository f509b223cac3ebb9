# SPDX-License-Identifier: Apache-2.0
# Many detached idle machines: whether one more costs more time, and what each takes of the host's memory. CROWD is how
# many there are, in quarters.
crowd=${CROWD:-1000}
crowd_directory=$scratch/crowd
mkdir -m 0700 "$crowd_directory"

available_kib() { awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo; }

# start_quarter NUMBER: its time in ms in $quarter_ms.
start_quarter() {
    local number begin
    begin=$(date +%s%N)
    for number in $(seq $((crowd / 4))); do
        "$hv" run -d --rm --accel pv --run-dir "$crowd_directory" --name "crowd-$1-$number" "$images/idle.elf" \
            >/dev/null
    done
    quarter_ms=$((($(date +%s%N) - begin) / 1000000))
}

# The image is in the store, and hv in the page cache, before anything is measured.
"$hv" run -d --rm --accel pv --run-dir "$crowd_directory" --name first "$images/idle.elf" >/dev/null
available_before=$(available_kib)
start_quarter 1
first_ms=$quarter_ms
for quarter in 2 3 4; do start_quarter "$quarter"; done
# A second after its start hv drops the memory that only the start needed.
sleep 3
row "start of the fourth quarter of $crowd detached idle machines, of the first" \
    "$(ratio "$quarter_ms" "$first_ms")" "" 1.2
row "host memory (MemAvailable) of each of them" $(((available_before - $(available_kib)) / (crowd / 4 * 4))) KiB 600
crowd_stop=$(date +%s%N)
"$hv" stop --all --run-dir "$crowd_directory"
row "hv stop --all of them, for each" \
    "$(awk -v ns=$(($(date +%s%N) - crowd_stop)) -v n="$crowd" 'BEGIN { printf "%.2f", ns / n / 1e6 }')" ms
