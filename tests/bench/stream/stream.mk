# SPDX-License-Identifier: Apache-2.0
# Streams: the same server in a guest and on Linux, and its client.
stream_directory := tests/bench/stream
stream_sources := server.cpp
stream_features := console net rng
stream_files :=
$(eval $(call tenon_image,stream))

TEST_PROGRAMS += $(BUILD)/images/stream.elf
BENCH_PROGRAMS += $(BUILD)/images/stream.elf $(BUILD)/tests/bench/stream/server $(BUILD)/tests/bench/stream/client
