#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that run no product code: scripts, sources, and the layering of includes. One case for each kind of check.
set -uo pipefail
cd "$(dirname "$0")/../.."
source tests/lib.sh

mapfile -t scripts < <(cd "$root" && git ls-files '*.sh' .ci/run tests/nested/init)

source tests/lint/helpers.sh
source tests/lint/shell.sh
source tests/lint/layers.sh
source tests/lint/sources.sh
finish
