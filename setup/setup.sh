#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Brings the machine and build/ to where everything can be built: runs each step that has not been done, and shows which
# and how far. A run with nothing to do is silent and takes a fraction of a second. Steps may be named: setup.sh nested
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

steps=("$@")
[ ${#steps[@]} != 0 ] || steps=(packages newlib libstdcxx lwip cares ext2fs virtio-headers json-headers licences)

# Two builds at once (make in two windows) must not set up into the same folders.
exec 9>"$stamps/.lock"
flock 9

number=0
for step in "${steps[@]}"; do
    number=$((number + 1))
    [ -x "$root/setup/$step.sh" ] || fail "there is no step $step"
    TENON_STEP="[$number/${#steps[@]}]" "$root/setup/$step.sh"
done
