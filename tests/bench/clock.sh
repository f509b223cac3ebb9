# SPDX-License-Identifier: Apache-2.0
# The guest's clocks beside the host's at the same TSC values: 60 s on a busy host, then a pause of 60 s, and 10 s after
# it. Then what reading them costs, and whether 10^8 readings ever step back.
clock_seconds=60
clock_program=$PWD/build/tests/clock
behave=$images/behave.elf

clock_errors() {
    mkfifo "$scratch/samples"
    for _ in $(seq "$(nproc)"); do (while :; do :; done) & started+=($!); done
    local load=("${started[@]: -$(nproc)}")
    "$clock_program" compare $((2 * clock_seconds + 10)) <"$scratch/samples" >"$scratch/compared" &
    local comparison=$!
    "$hv" run --run-dir "$scratch/run" --accel pv --name clock "$behave" -- clock 10 >"$scratch/samples" 2>/dev/null &
    local machine=$!
    started+=("$machine")
    sleep "$clock_seconds"
    "$hv" pause --run-dir "$scratch/run" clock
    sleep "$clock_seconds"
    "$hv" resume --run-dir "$scratch/run" clock
    wait "$comparison"
    "$hv" kill --run-dir "$scratch/run" clock
    wait "$machine" || true
    kill "${load[@]}"
    wait "${load[@]}" 2>/dev/null || true
}
# clock_error SPAN FIELD: in us
clock_error() {
    awk -v span="$1" -v field="$2" '$1 == "span" && $2 == span { printf "%.3f", $field / 1000 }' "$scratch/compared"
}

clock_errors
row "clocks against the host's over ${clock_seconds} s, busy: monotonic, median" "$(clock_error 0 6)" us 50
row "  worst of $(awk '$1 == "span" && $2 == 0 { print $4 }' "$scratch/compared") samples" "$(clock_error 0 7)" us 1000
row "  wall clock, median" "$(clock_error 0 9)" us 50
row "  wall clock, worst" "$(clock_error 0 10)" us 1000
row "  after a pause of ${clock_seconds} s: wall clock at the first look" \
    "$(awk '$1 == "jump" { printf "%.3f", $6 / 1000 }' "$scratch/compared")" us 1000
row "  after it, 10 s long: wall clock, median" "$(clock_error 1 9)" us 50
row "  after it: wall clock, worst" "$(clock_error 1 10)" us 1000
row "  monotonic time moved in the pause by" "$(awk '$1 == "jump" { printf "%.3f", $4 / 1000 }' "$scratch/compared")" us

"$hv" run --accel pv "$behave" -- clock-cost 100000000 >"$scratch/steps"
# In turns, so that both find the machine as busy.
for _ in $(seq 21); do
    "$hv" run --accel pv "$behave" -- clock-cost 2000000 >>"$scratch/cost"
    "$clock_program" cost 2000000 >>"$scratch/cost-host"
done
row "10^8 readings of the monotonic clock: steps back" "$(awk '$1 == "monotonic" { print $3 }' "$scratch/steps")" ""
for clock in monotonic realtime; do
    cost() { awk -v clock="$clock" '$1 == clock { print $4 / $2 }' "$1" | median | xargs printf %.1f; }
    row "clock_gettime, $clock; the aim is the host's own" "$(cost "$scratch/cost")" ns "$(cost "$scratch/cost-host")"
done
