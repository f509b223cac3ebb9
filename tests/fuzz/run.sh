#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs each fuzzer for some seconds: tests/fuzz/run.sh [FUZZER...]   (FUZZ_SECONDS: how many; 4 if unset)
# An input that ends one is kept below build/tests/fuzz, and the command that repeats it is shown.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

programs=$root/build/tests/fuzz
seconds=${FUZZ_SECONDS:-4}
names=("$@")
[ ${#names[@]} != 0 ] || mapfile -t names < <(cd tests/fuzz && printf '%s\n' *.cpp | sed 's/\.cpp$//')

# fuzz NAME: inputs that once widened the coverage are where the next run begins.
fuzz() {
    local corpus=$programs/$1.corpus status=0 inputs
    mkdir -p "$corpus"
    "$programs/$1" -seed=1 -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$programs/$1." -print_final_stats=1 "$corpus" >log 2>&1 || status=$?
    if [ "$status" != 0 ]; then
        grep -v '^#[0-9]' log | tail -n 25
        echo "repeat it: $(sed -n "s|.*Test unit written to |$programs/$1 |p" log)" >&2
        return 1
    fi
    inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' log)
    # A fuzzer that is shut out at its first check runs few inputs, or covers nothing.
    [ "$inputs" -ge 100 ] || { echo "only $inputs inputs in $seconds s" >&2; return 1; }
}

can_fail() {
    cat >broken.cpp <<'EOF'
#include <cstddef>
#include <cstdint>
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0 && data[0] == 'x') __builtin_trap();
    return 0;
}
EOF
    clang++-16 -fsanitize=fuzzer -o broken broken.cpp
    programs=$scratch
    local found
    found=$( (fuzz broken) 2>&1 || echo "status $?")
    contains "what is told of a fuzzer that fails" "$found" "repeat it: $scratch/broken $scratch/broken.crash-"
    contains "what is told of a fuzzer that fails" "$found" "status 1"
}
if [ $# = 0 ]; then test_case "fuzz: an input that ends the program fails, and is kept" can_fail; fi

for name in "${names[@]}"; do test_case "fuzz: $name" fuzz "$name"; done
finish
