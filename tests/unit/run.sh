#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the unit tests; the last line is their sum.
set -uo pipefail
cd "$(dirname "$0")/../.."
report=build/tests/unit.xml

UBSAN_OPTIONS=print_stacktrace=1 build/tests/unit --reporter xml --out "$report"
status=$?
# The sum of the cases, not of the assertions: the last one in the file.
sum=$(grep -o '<OverallResultsCases successes="[0-9]*" failures="[0-9]*"' "$report" | tail -n 1)
if [[ $sum =~ successes=\"([0-9]+)\"\ failures=\"([0-9]+)\" ]]; then
    passed=${BASH_REMATCH[1]} failed=${BASH_REMATCH[2]}
else
    echo "the unit tests ended with status $status before their sum"
    passed=0 failed=1
fi
if [ "$failed" -ne 0 ]; then build/tests/unit 2>&1 | tail -n 200; fi

# The kernel's scheduler on threads of the host, as many as there are processors here and more.
for vcpus in 2 4; do
    output=$(timeout 600 build/tests/vcpus "$vcpus" 2>&1) || status=1
    if [[ $(tail -n 1 <<<"$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
        passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
        grep '^not ok' -B 1 <<<"$output" | sed "s/^not ok /&$vcpus vCPUs: /"
    else
        printf 'not ok %s vCPUs: ended without a sum\n%s\n' "$vcpus" "$output"
        failed=$((failed + 1))
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
exit $status
