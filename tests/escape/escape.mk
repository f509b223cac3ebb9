# SPDX-License-Identifier: Apache-2.0
# The hostile guest: an image without a kernel, so that nothing stands between the attempt and the confinement.

escape_output := $(BUILD)/tests/escape
escape_image := $(escape_output)/escape.elf
escape_objects := $(patsubst %,$(escape_output)/%.o,$(notdir $(wildcard tests/escape/guest/*.cpp tests/escape/guest/*.S)))
escape_cxxflags := -std=c++23 -O1 -g -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fPIE -fno-builtin \
	-fcf-protection=none -fno-asynchronous-unwind-tables -fno-threadsafe-statics \
	-Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror -I. -MMD -MP

TEST_PROGRAMS += $(escape_image)

$(escape_image): $(escape_objects) tests/escape/guest/image.ld
	$(call say,LINK,$@)
	$(Q)ld -static -nostdlib -no-pie --no-relax -z max-page-size=4096 -T tests/escape/guest/image.ld -o $@ $(escape_objects)

$(escape_output)/%.cpp.o: tests/escape/guest/%.cpp tests/escape/escape.mk
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && g++ $(escape_cxxflags) -c -o $@ $<

$(escape_output)/%.S.o: tests/escape/guest/%.S tests/escape/escape.mk
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && g++ -c -o $@ $<

-include $(escape_objects:.o=.d)
