#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures what Tenon promises, each beside its aim and, where there is one, a peer in the same run: tests/bench/run.sh
# [PART...] Times are medians. A shared machine is noisy: ratios within one run say more than the times themselves.
set -euo pipefail
cd "$(dirname "$0")/../.."
hv=$PWD/build/hv
images=$PWD/build/images
scratch=$(mktemp -d "${TMPDIR:-/tmp}/tenon-bench.XXXXXX")
export PATH=$PATH:/usr/sbin:/sbin
source tests/bench/lib.sh
trap 'cleanup' EXIT

parts=("$@")
if [ ${#parts[@]} = 0 ]; then
    parts=(start boot first_byte size switches agent memory crowd requests stream loss connections neighbour cpu blk
        programs emulation scan clock reclaim overcommit)
fi
printf 'machine: %s, %s CPUs, Linux %s\n\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)" "$(nproc)" \
    "$(uname -r)"
printf '%-72s %16s %16s  %s\n' "what" "measured" "aim" "factor"
for part in "${parts[@]}"; do
    source "tests/bench/$part.sh"
done
