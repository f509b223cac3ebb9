# SPDX-License-Identifier: Apache-2.0
# Power cuts of an ext4: the file system's own code on the build machine, over a disk that records what is written.
CRASH_OBJECTS := $(BUILD)/tests/crash-obj
crash_cxxflags := -std=c++23 -O1 -g -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror \
	-Wno-maybe-uninitialized -I. -MMD -MP
$(eval $(call record,$(CRASH_OBJECTS)/flags,$(host_cxx) $(crash_cxxflags)))
crash_rules := tests/crash/crash.mk $(CRASH_OBJECTS)/flags
$(eval $(call host_ext2fs,$(CRASH_OBJECTS),gcc -O1 -g))

crash_objects := $(patsubst %.cpp,$(CRASH_OBJECTS)/%.o,$(wildcard tests/crash/*.cpp) $(ext4_core))
$(eval $(call record,$(CRASH_OBJECTS)/crash.list,$(crash_objects)))

TEST_PROGRAMS += $(BUILD)/tests/crash
$(BUILD)/tests/crash: $(crash_objects) $(CRASH_OBJECTS)/libext2fs.a $(CRASH_OBJECTS)/crash.list $(crash_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) -o $@ $(crash_objects) $(CRASH_OBJECTS)/libext2fs.a

# Tenon and Linux in turns.
turns_objects := $(patsubst %.cpp,$(CRASH_OBJECTS)/%.o,$(wildcard tests/crash/turns/*.cpp) $(ext4_core) \
	$(addprefix tests/crash/,examine.cpp host_kernel.cpp model.cpp power_cut.cpp recording_store.cpp views.cpp))
$(eval $(call record,$(CRASH_OBJECTS)/turns.list,$(turns_objects)))
TEST_PROGRAMS += $(BUILD)/tests/turns
$(BUILD)/tests/turns: $(turns_objects) $(CRASH_OBJECTS)/libext2fs.a $(CRASH_OBJECTS)/turns.list $(crash_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) -o $@ $(turns_objects) $(CRASH_OBJECTS)/libext2fs.a

# What is killed: a program that says what was acknowledged.
kills_directory := tests/crash/kills
kills_sources := main.cpp
kills_features := console blk ext4
kills_files :=
$(eval $(call tenon_image,kills))

$(CRASH_OBJECTS)/%.o: %.cpp $(crash_rules) | $(SETUP)
	$(call say,CXX,$< (host))
	$(Q)mkdir -p $(@D) && $(host_cxx) $(crash_cxxflags) $(call with_ext2fs,$<) -c -o $@ $<

-include $(sort $(crash_objects:.o=.d) $(turns_objects:.o=.d))
