#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Programs of others on Tenon, and what builds them: tests/programs/run.sh [SUBJECT...]
# A subject is a file here. Without arguments those whose sources are small; `make test-programs` runs all.
set -uo pipefail
cd "$(dirname "$0")"
source ../lib.sh
source ../system/lib/machine.sh
# For programs' own makefiles, which start hv themselves.
export HV_RUN_DIR=$scratch/run RUN=$scratch/run

subjects=(building lua)
if [ $# != 0 ]; then subjects=("$@"); fi
for subject in "${subjects[@]}"; do source "./$subject.sh"; done
test_case "nothing is left in the run directory at the end" nothing_left
finish
