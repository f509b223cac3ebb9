# SPDX-License-Identifier: Apache-2.0
# The hostile guest: an image without a kernel, so that each attempt meets the confinement directly.

escape_output := $(BUILD)/tests/escape
escape_image := $(escape_output)/escape.elf
escape_objects := $(patsubst %,$(escape_output)/%.o,$(notdir \
	$(wildcard tests/escape/guest/*.cpp tests/escape/guest/*.S)))
escape_cxxflags := -std=c++23 -O1 -g -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fPIE -fno-builtin \
	-fcf-protection=none -fno-asynchronous-unwind-tables -fno-threadsafe-statics \
	-Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror -I. -MMD -MP

escape_ldflags := -static -nostdlib -no-pie --no-relax -z max-page-size=4096
escape_rules := tests/escape/escape.mk $(escape_output)/flags
$(eval $(call record,$(escape_output)/flags,$(host_cxx) $(escape_cxxflags) $(escape_ldflags)))

TEST_PROGRAMS += $(escape_image)

$(escape_image): $(escape_objects) tests/escape/guest/image.ld $(escape_rules) | $(SETUP)
	$(call say,LINK,$@)
	$(Q)ld $(escape_ldflags) -T tests/escape/guest/image.ld -o $@ $(escape_objects)

$(escape_output)/%.cpp.o: tests/escape/guest/%.cpp $(escape_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(escape_cxxflags) -c -o $@ $<

$(escape_output)/%.S.o: tests/escape/guest/%.S $(escape_rules) | $(SETUP)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) -MMD -MP -c -o $@ $<

-include $(escape_objects:.o=.d)
