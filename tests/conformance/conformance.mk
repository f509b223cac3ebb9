# SPDX-License-Identifier: Apache-2.0
# Each program has two builds: an image, and a static program for Linux, which runs in a root that has only its files.
conformance_directory := tests/conformance
conformance_sources := main.cpp endings.cpp tree.cpp \
	$(patsubst tests/conformance/%,%,$(wildcard tests/conformance/checks/*.cpp))
conformance_features := console net rng blk tmpfs ext4
conformance_files := tests/conformance/files
# The program makes wrong calls on purpose.
conformance_flags := -Wno-nonnull -Wno-format -Wno-unused-result -Wno-alloc-size-larger-than -Wno-array-bounds \
	-Wno-stringop-truncation -Wno-stringop-overflow -Wno-stringop-overread
$(eval $(call tenon_image,conformance))

sockets_directory := tests/conformance/sockets
sockets_sources := $(notdir $(wildcard tests/conformance/sockets/*.cpp))
sockets_features := console net
sockets_files :=
sockets_flags := -Wno-unused-result -Wno-stringop-overflow -Wno-stringop-overread -Wno-nonnull
$(eval $(call tenon_image,sockets))

# Without the network, and for Tenon alone.
apart_directory := tests/conformance/apart
apart_sources := main.cpp
apart_features := console
apart_files :=
$(eval $(call tenon_image,apart))

# The image's program for Linux, as build/tests/NAME. The linker warns of functions that need glibc's shared libraries.
define linux_program
$(1)_linux_objects := $$($(1)_sources:%.cpp=$(BUILD)/tests/obj/$(1)/%.o)

$(BUILD)/tests/obj/$(1)/%.o: $$($(1)_directory)/%.cpp tests/conformance/conformance.mk | $(SETUP)
	$$(call say,CXX,$$<)
	$$(Q)mkdir -p $$(@D) && $$(CXX) -std=c++23 -O1 -Wall -Wextra $$($(1)_flags) -MMD -MP -c $$< -o $$@

$(BUILD)/tests/$(1): $$($(1)_linux_objects) | $(SETUP)
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CXX) -static $$^ -o $$@ 2> $$@.warnings || { cat $$@.warnings >&2; false; }

-include $$($(1)_linux_objects:.o=.d)
TEST_PROGRAMS += $(BUILD)/tests/$(1)
endef
$(foreach program,conformance sockets,$(eval $(call linux_program,$(program))))

$(BUILD)/tests/enter: tests/conformance/enter.cpp | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++23 -O1 -Wall -Wextra $< -o $@

TEST_PROGRAMS += $(BUILD)/tests/enter
