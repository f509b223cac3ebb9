# SPDX-License-Identifier: Apache-2.0
# The guest of the disk benchmark.
bench-blk_directory := tests/bench/blk
bench-blk_sources := main.cpp
bench-blk_features := console rng blk
bench-blk_files :=
bench-blk_flags := -I. $(GUEST_WARNINGS)
$(eval $(call tenon_image,bench-blk))
