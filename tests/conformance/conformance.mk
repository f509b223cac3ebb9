# SPDX-License-Identifier: Apache-2.0
# One program, two builds: an image, and a static program for Linux, which runs in a root that has only its files.
conformance_directory := tests/conformance
conformance_sources := main.cpp endings.cpp $(patsubst tests/conformance/%,%,$(wildcard tests/conformance/checks/*.cpp))
conformance_features := console net rng
conformance_files := tests/conformance/files
# The program makes wrong calls on purpose.
conformance_flags := -Wno-nonnull -Wno-format -Wno-unused-result -Wno-alloc-size-larger-than -Wno-array-bounds -Wno-stringop-truncation -Wno-stringop-overflow -Wno-stringop-overread
$(eval $(call tenon_image,conformance))

CONFORMANCE := $(BUILD)/tests/conformance
linux_conformance_objects := $(conformance_sources:%.cpp=$(BUILD)/tests/obj/conformance/%.o)

$(BUILD)/tests/obj/conformance/%.o: tests/conformance/%.cpp tests/conformance/conformance.mk | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++23 -O2 -Wall -Wextra $(conformance_flags) -MMD -MP -c $< -o $@

$(CONFORMANCE): $(linux_conformance_objects) | $(SETUP)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D) && $(CXX) -static $^ -o $@ 2> $@.warnings || { cat $@.warnings >&2; false; }

$(BUILD)/tests/enter: tests/conformance/enter.cpp | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++23 -O1 -Wall -Wextra $< -o $@

-include $(linux_conformance_objects:.o=.d)
TEST_PROGRAMS += $(CONFORMANCE) $(BUILD)/tests/enter
