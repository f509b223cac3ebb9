#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the guest's own tests on hv's pv accelerator; the image prints its own sum.
set -uo pipefail
cd "$(dirname "$0")/../.."
output=$(timeout 300 build/hv run build/images/guest-tests.elf --accel pv --memory 256M --net none --name "guest-tests-$$")
status=$?
# The sum comes last, whatever hv says after it.
sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' <<<"$output" | tail -n 1)
grep -vxF -- "$sum" <<<"$output"
if [ -z "$sum" ]; then
    echo "the image ended with status $status and without a sum"
    sum="0 passed, 1 failed, 0 skipped"
fi
echo "$sum"
exit $status
