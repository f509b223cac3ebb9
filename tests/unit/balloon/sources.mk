# SPDX-License-Identifier: Apache-2.0
# Sources of memory cooperation that are tested on the build machine.
unit_sources += balloon/zero_chunk.cpp balloon/zero_scan.cpp
unit_sources += balloon/device.cpp balloon/inflation.cpp balloon/hinting.cpp balloon/statistics.cpp
unit_sources += balloon/free_reporter.cpp balloon/balloon.cpp
