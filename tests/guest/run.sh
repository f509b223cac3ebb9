#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the guest's own tests on hv's pv accelerator, then looks from outside at how programs end.
set -uo pipefail
cd "$(dirname "$0")/../.."

sum_of() { grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' <<<"$1" | tail -n 1; }

disk=$(mktemp "${TMPDIR:-/tmp}/tenon-guest-disk.XXXXXX")
trap 'rm -f "$disk"' EXIT
truncate --size 4M "$disk"
output=$(timeout 300 build/hv run build/images/guest-tests.elf --disk "$disk" --accel pv --memory 256M --net none \
    --name "guest-tests-$$")
status=$?
# The image prints its own sum, last, whatever hv says after it.
inside=$(sum_of "$output")
grep -vxF -- "$inside" <<<"$output"
if [ -z "$inside" ]; then
    echo "the image ended with status $status and without a sum"
    inside="0 passed, 1 failed, 0 skipped"
fi

output=$(tests/guest/endings.sh) || status=1
outside=$(sum_of "$output")
grep -vxF -- "$outside" <<<"$output"

read -r passed _ failed _ skipped _ <<<"$inside"
read -r more_passed _ more_failed _ more_skipped _ <<<"${outside:-0 passed, 1 failed, 0 skipped}"
echo "$((passed + more_passed)) passed, $((failed + more_failed)) failed, $((skipped + more_skipped)) skipped"
exit $status
