#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the licences of what an image contains, from the linker's map: notice.sh MAP SYSROOT
# Only archives of which a member was really linked are listed, with the licence texts that setup/ kept in the sysroot.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
licences=$2/share/licenses
# The map begins with the archive members that were included, up to the line "Discarded input sections".
members=$(sed '/^Discarded input sections/q' "$1" | grep -o '^[^ ]*\.a(' | sed 's/($//' | sort -u)

section() { # title, file of the licence text
    printf '\n%s\n%s\n\n' "$1" "${1//?/=}"
    if [ -r "$2" ]; then cat "$2"; else echo "notice.sh: licence text $2 is missing (run make setup)" >&2; return 1; fi
}

echo "This image contains:"
section "Tenon (Apache-2.0)" "$root/LICENSE"
has() { grep -q "/$1\$" <<<"$members"; }
if has libc.a || has libm.a; then section "Newlib (BSD and similar)" "$licences/newlib"; fi
if has libstdc++.a; then
    section "GNU libstdc++ (GPL-3.0 with GCC Runtime Library Exception 3.1)" "$licences/libstdc++"
fi
if has libgcc.a || has libgcc_eh.a; then
    section "GNU libgcc (GPL-3.0 with GCC Runtime Library Exception 3.1)" "$licences/libgcc"
fi
if has liblwip.a; then section "lwIP (BSD-3-Clause)" "$licences/lwip"; fi
if has libext2fs.a; then section "libext2fs (LGPL-2.0)" "$licences/libext2fs"; fi
if has libcares.a; then section "c-ares (MIT)" "$licences/c-ares"; fi
if has libfeature-agent.a; then section "JSON for Modern C++ (MIT)" "$licences/nlohmann-json"; fi
