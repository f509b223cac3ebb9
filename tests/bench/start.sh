# SPDX-License-Identifier: Apache-2.0
# From exec to exit of the smallest machine, of many of them at once, and the orderly end of an idle one.
row "hv run images/hello on pv, exec to exit" "$(command_ms "$hv run --accel pv $images/hello.elf")" ms 2
row "  beside it: /bin/true" "$(command_ms /bin/true)" ms

# many_at_once COMMAND...: median of 11 runs of 100.
many_at_once() {
    local run
    for run in $(seq 11); do build/tests/bench/many 100 "$@"; done | median
}
row "100 hello machines at once, per second and core" "$(many_at_once "$hv" run --accel pv "$images/hello.elf")" "1/s" \
    300 more
row "  beside it: /bin/true" "$(many_at_once /bin/true)" "1/s"

stop_ms() {
    local run_directory=$scratch/stop
    mkdir -m 0700 "$run_directory"
    hyperfine -N --warmup 2 --runs 50 --style none --export-json "$scratch/time.json" \
        --prepare "$hv run -d --rm --accel pv --run-dir $run_directory --name idle $images/idle.elf" \
        "$hv stop --run-dir $run_directory idle" >/dev/null
    jq -r '.results[0].median * 1000 | . * 100 | round / 100' "$scratch/time.json"
}
row "hv stop of an idle machine, to process gone" "$(stop_ms)" ms 20
