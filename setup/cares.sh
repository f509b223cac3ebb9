#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the source of c-ares, which finds the addresses of names, from the machine's own Debian archive.
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

key=$(key_of "$0")
if is_done cares "$key"; then exit 0; fi

fetch_source c-ares
rm -rf "$build/cares"
mv "$build/c-ares" "$build/cares"
if [ ! -f "$build/cares/src/src/lib/ares_getaddrinfo.c" ]; then
    fail "the source of c-ares looks different from what was expected: $build/cares/src"
fi
# It brings headers for systems that its configure does not know; ours are in userland/posix/net/cares.
rm -f "$build/cares/src/include/ares_build.h" "$build/cares/src/src/lib/ares_config.h"
say "done ($SECONDS s)"
mark_done cares "$key"
