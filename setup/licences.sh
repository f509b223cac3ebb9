#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keeps the licence texts of what images may contain where images/notice.sh finds them.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

texts=("$build/newlib/src/COPYING.NEWLIB" "$build/lwip/src/COPYING" "$build/cares/src/LICENSE.md"
    /usr/share/doc/gcc-12-base/copyright
    /usr/share/doc/nlohmann-json3-dev/copyright)
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
say "done"
mark_done licences "$key"
