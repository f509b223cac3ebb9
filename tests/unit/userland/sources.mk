# SPDX-License-Identifier: Apache-2.0
# The userland's sources that are tested on the build machine.
unit_sources += userland/libc/decimal.cpp
