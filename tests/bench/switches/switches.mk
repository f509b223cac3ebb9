# SPDX-License-Identifier: Apache-2.0
# Switches between threads: as an image, and the same source on Linux.
switches_directory := tests/bench/switches
switches_sources := main.cpp
switches_features := console
switches_files :=
switches_flags :=
$(eval $(call tenon_image,switches))

BENCH_PROGRAMS += $(BUILD)/tests/bench/switches/main
