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
echo "$passed passed, $failed failed, 0 skipped"
exit $status
