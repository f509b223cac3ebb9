#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Boots machines on hv's pv accelerator and talks to them, as a user would: tests/system/run.sh [SUBJECT...]
# A subject is a file here; functions that several subjects need are in lib/.
set -uo pipefail
cd "$(dirname "$0")"
source ../lib.sh

behave=$images/behave.elf
for part in lib/*.sh; do source "./$part"; done

subjects=(lifecycle machines kept ending console sudden_death pause observe outputs errors run_directory crash
    watchdog core api agent handlers clock memory ballooned zero_pages balance scale network sockets limits cpu cpus
    dhcp packets floods clients sntp disk ext4 pvbench report host isolation build outside service sanitized)
# Or only those that the arguments or SUBJECTS="machines pause" name.
read -ra named <<<"${*:-${SUBJECTS:-}}"
if [ ${#named[@]} != 0 ]; then subjects=("${named[@]}"); fi

# Each in a shell and a folder of its own, so that subjects share neither definitions nor files, nor machines' run
# directory. Some cases run as another user, below theirs.
chmod 711 "$scratch"
sums=$scratch/sums
for subject in "${subjects[@]}"; do
    rm -f "$sums"
    (
        scratch=$scratch/$subject
        mkdir "$scratch"
        export RUN=$scratch/run
        source "./$subject.sh"
        echo "$passed $failed $skipped" >"$sums"
    )
    if ! read -r passed failed skipped <"$sums"; then
        echo "not ok $subject ended before its last case"
        failed=$((failed + 1))
    fi
done
nothing_left_anywhere() { for RUN in "${sums%/*}"/*/run; do nothing_left; done; }
test_case "nothing is left in the run directories at the end" nothing_left_anywhere
finish
