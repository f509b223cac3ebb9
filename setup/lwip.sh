#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the source of lwIP, the guest's network stack, from the machine's own Debian archive, and applies the series of
# patches in setup/lwip/ (each says why, which test shows it, and what upstream does).
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

patches=("$root"/setup/lwip/*.patch)
key=$(key_of "$0" "${patches[@]}")
if is_done lwip "$key"; then exit 0; fi

work=$build/lwip
rm -rf "$work"
mkdir -p "$work/apt/lists/partial" "$work/apt/parts" "$work/apt/cache/archives/partial"

# Debian keeps lwIP's headers and its source apart, and most machines have no list of sources. It is made from the lists that they do
# have, in a place of our own, so that the machine's configuration is neither changed nor needed to be writable.
eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
# shellcheck disable=SC2154 # apt-config sets them
for file in "$list" "$parts"/*.list; do
    [ -f "$file" ] || continue
    sed -n 's/^[[:space:]]*deb[[:space:]]/deb-src /p' "$file" >"$work/apt/parts/$(basename "$file")"
done
for file in "$parts"/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/apt/parts/$(basename "$file")"
done

apt_options=(
    -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/parts"
    -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root
)

say "fetching the list of source packages"
# Some of the machine's archives may offer no sources: that is an error to apt, but not to us.
apt-get "${apt_options[@]}" update >"$work/apt.log" 2>&1 || true
say "fetching the source"
(cd "$work" && apt-get "${apt_options[@]}" source lwip >>"$work/apt.log" 2>&1) || {
    tail -n 10 "$work/apt.log" >&2
    fail "apt-get could not fetch the source of lwip, see $work/apt.log"
}
mv "$work"/lwip-*/ "$work/src"
rm -rf "$work/apt"
[ -f "$work/src/src/include/lwip/init.h" ] || fail "the source of lwip looks different from what was expected: $work/src"
# Its files end lines in two ways.
find "$work/src/src" -name '*.[ch]' -exec sed -i 's/\r$//' {} +
for patch in "${patches[@]}"; do
    patch --quiet --strip=1 --no-backup-if-mismatch --directory="$work/src" <"$patch" >>"$work/patch.log" 2>&1 ||
        fail "${patch#"$root/"} does not apply, see $work/patch.log"
done
say "done, with ${#patches[@]} patches ($SECONDS s)"
mark_done lwip "$key"
