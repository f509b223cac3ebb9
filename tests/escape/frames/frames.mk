# SPDX-License-Identifier: Apache-2.0
# A guest's raw frames, straight into hv-slirp.
RAW_FRAMES := $(BUILD)/tests/raw_frames
TEST_PROGRAMS += $(RAW_FRAMES)
raw_frames_objects := $(patsubst %.cpp,$(BUILD)/tests/frames-obj/%.o,$(wildcard tests/escape/frames/*.cpp) \
	hv/devices/slirp/internet.cpp)

$(RAW_FRAMES): $(raw_frames_objects) tests/escape/frames/frames.mk $(host_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) -o $@ $(raw_frames_objects)

$(BUILD)/tests/frames-obj/%.o: %.cpp tests/escape/frames/frames.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -I. -MF $(@:.o=.d) -c -o $@ $<

-include $(raw_frames_objects:.o=.d)
