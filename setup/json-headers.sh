#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Copies JSON for Modern C++, which is headers only, into the sysroot: the guest's compiler does not look into the
# machine's own.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

key=$(key_of "$0" "$(version_of nlohmann-json3-dev)")
if is_done json-headers "$key"; then exit 0; fi

rm -rf "$sysroot/include/nlohmann"
mkdir -p "$sysroot/include"
cp -R /usr/include/nlohmann "$sysroot/include/"
say "done"
mark_done json-headers "$key"
