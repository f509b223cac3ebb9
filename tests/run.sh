#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs test tiers and sums them up: tests/run.sh TIER...   (a tier is a program whose last line is its own sum)
set -uo pipefail
cd "$(dirname "$0")/.."
# Tests call make as a user does, not as a part of the make that runs them.
unset MAKEFLAGS MFLAGS MAKELEVEL
logs=build/tests/logs
mkdir -p "$logs"

declare -A command=(
    [lint]="tests/lint/run.sh"
    [unit]="tests/unit/run.sh"
    [fuzz]="tests/fuzz/run.sh"
    [guest]="tests/guest/run.sh"
    [conformance]="tests/conformance/run.sh"
    [system]="tests/system/run.sh"
    [crash]="tests/crash/run.sh"
    [escape]="tests/escape/run.sh"
    [programs]="tests/programs/run.sh"
    [docs]="tests/docs/run.sh"
    [foreign]="tests/foreign/run.sh"
    [nested]="tests/nested/run.sh"
)

total_passed=0 total_failed=0 total_skipped=0
# Repeated before the sum: each failed case with its output, and each skip with its reason.
attention=()
for tier in "$@"; do
    printf '\n== %s\n' "$tier"
    start=$SECONDS
    timeout --kill-after=10 1500 bash "${command[$tier]}" 2>&1 </dev/null | tee "$logs/$tier.log"
    status=${PIPESTATUS[0]}
    sum=$(tail -n 1 "$logs/$tier.log")
    if [[ $sum =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
        total_passed=$((total_passed + BASH_REMATCH[1]))
        total_failed=$((total_failed + BASH_REMATCH[2]))
        total_skipped=$((total_skipped + BASH_REMATCH[3]))
        # A tier that died after its sum, or whose sum hides its status, has failed all the same.
        if [ "$status" -ne 0 ] && [ "${BASH_REMATCH[2]}" -eq 0 ]; then
            attention+=("not ok $tier: its sum shows no failure, its exit status is $status")
            total_failed=$((total_failed + 1))
        fi
    else
        attention+=("not ok $tier: ended with status $status and without a sum")
        total_failed=$((total_failed + 1))
    fi
    mapfile -t -O "${#attention[@]}" attention < <(
        awk -v tier="$tier: " '/^not ok / {print "not ok " tier substr($0, 8); shown = 1; next}
            /^skip / {print "skip " tier substr($0, 6)}
            !/^ / {shown = 0}
            shown' "$logs/$tier.log"
    )
    echo "== $tier: $((SECONDS - start)) s"
done

if [ ${#attention[@]} != 0 ]; then printf '\n== to look at\n'; fi
for line in "${attention[@]}"; do printf '%s\n' "$line"; done
echo
echo "$total_passed passed, $total_failed failed, $total_skipped skipped"
[ $total_failed -eq 0 ]
