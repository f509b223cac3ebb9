# SPDX-License-Identifier: Apache-2.0
# The system tests' own image, whose arguments choose its behaviour.
behave_directory := tests/system/behave
behave_sources := main.cpp busy.cpp clock.cpp cpus.cpp memory.cpp freezing.cpp handlers.cpp disk.cpp store.cpp \
	stuck.cpp throwing.cpp
behave_features := console net sntp rng balloon agent blk
behave_files :=
# Some behaviours are wrong on purpose.
behave_flags := -I.
$(eval $(call tenon_image,behave))
TEST_PROGRAMS += $(BUILD)/images/behave.efi
# The peer of pvbench, and the same source on Linux.
TEST_PROGRAMS += $(BUILD)/pvbench-linux

# Files on a disk; the same source on Linux measures and checks there.
lasting_directory := tests/system/lasting
lasting_sources := main.cpp
lasting_features := console blk ext4
lasting_files :=
$(eval $(call tenon_image,lasting))
$(BUILD)/tests/lasting: tests/system/lasting/main.cpp | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++23 -O2 -Wall -Wextra $< -o $@
TEST_PROGRAMS += $(BUILD)/tests/lasting
