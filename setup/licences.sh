#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keeps the licence texts of what images may contain where images/notice.sh finds them.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

texts=("$build/newlib/src/COPYING.NEWLIB" "$build/lwip/src/COPYING" "$build/cares/src/LICENSE.md"
    /usr/share/doc/gcc-12-base/copyright
    /usr/share/doc/nlohmann-json3-dev/copyright
    "$build/ext2fs/src/debian/copyright" /usr/share/common-licenses/LGPL-2)
key=$(key_of "$0" "${texts[@]}")
if is_done licences "$key"; then exit 0; fi

licences=$sysroot/share/licenses
mkdir -p "$licences"
install -m 644 "${texts[0]}" "$licences/newlib"
install -m 644 "${texts[1]}" "$licences/lwip"
install -m 644 "${texts[2]}" "$licences/c-ares"
# One text for GCC's run-time libraries: the GPL's place, and the exception that lets programs contain them.
install -m 644 "${texts[3]}" "$licences/libstdc++"
install -m 644 "${texts[3]}" "$licences/libgcc"
install -m 644 "${texts[4]}" "$licences/nlohmann-json"
{
    version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$build/ext2fs/src/debian/changelog")
    echo "libext2fs is a library of e2fsprogs ($version). Copyright:"
    # Of the library's paragraph the field with the names.
    awk '/^Files:/ {ours = / lib\/ext2fs\/\*$/}
        /^License:/ {names = 0}
        ours && sub("^Copyright:", " ") {names = 1}
        names' "${texts[5]}"
    cat <<'END'

It is under the GNU Library General Public License, version 2, which follows. That licence lets you change the
library and link the program anew: the program's vendor gives you, with it or on request, its objects and the library's
source, as Tenon's 'make relinkable' puts them together.
END
    echo
    cat "${texts[6]}"
} >"$licences/libext2fs"
chmod 644 "$licences/libext2fs"
say "done"
mark_done licences "$key"
