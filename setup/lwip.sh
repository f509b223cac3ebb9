#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the source of lwIP, the guest's network stack, from the machine's own Debian archive, and applies the series
# of patches in setup/lwip/ (each says why, which test shows it, and what upstream does).
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

patches=("$root"/setup/lwip/*.patch)
key=$(key_of "$0" "${patches[@]}")
if is_done lwip "$key"; then exit 0; fi

fetch_source lwip
work=$build/lwip
[ -f "$work/src/src/include/lwip/init.h" ] ||
    fail "the source of lwip looks different from what was expected: $work/src"
# Its files end lines in two ways.
find "$work/src/src" -name '*.[ch]' -exec sed -i 's/\r$//' {} +
for patch in "${patches[@]}"; do
    patch --quiet --strip=1 --no-backup-if-mismatch --directory="$work/src" <"$patch" >>"$work/patch.log" 2>&1 ||
        fail "${patch#"$root/"} does not apply, see $work/patch.log"
done
say "done, with ${#patches[@]} patches ($SECONDS s)"
mark_done lwip "$key"
