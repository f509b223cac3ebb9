# SPDX-License-Identifier: Apache-2.0
# What of memory cooperation is tested on the build machine.
unit_sources += balloon/zero_chunk.cpp balloon/zero_scan.cpp
