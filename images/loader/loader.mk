# SPDX-License-Identifier: Apache-2.0
# The UEFI loader: build/loader/loader.so, from which images/carry.sh makes a UEFI program that carries an image.
LOADER := $(BUILD)/loader/loader.so
loader_objects_directory := $(BUILD)/loader/obj
loader_sources := $(wildcard images/loader/*.cpp images/loader/*.S)
loader_object_files := $(patsubst %,$(loader_objects_directory)/%.o,$(loader_sources))

gnu_efi := /usr/include/efi
gnu_efi_script := /usr/lib/elf_x86_64_efi.lds
gnu_efi_start := /usr/lib/crt0-efi-x86_64.o
gnu_efi_relocation := /usr/lib/libgnuefi.a

# Firmware calls the loader, and interrupts it, below its stack pointer; it has no C library and no unwinder.
loader_cxxflags := -std=c++23 -Os -g -fpic -ffreestanding -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-asynchronous-unwind-tables -fno-gnu-unique -fno-stack-protector -fcf-protection=none -mno-red-zone \
	-mgeneral-regs-only -U_FORTIFY_SOURCE -DGNU_EFI_USE_MS_ABI -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast \
	-Werror -I. -isystem $(gnu_efi) -isystem $(gnu_efi)/x86_64 -MMD -MP
loader_ldflags := -shared -nostdlib -Bsymbolic -znocombreloc -z defs -z noexecstack -T $(gnu_efi_script)

$(eval $(call record,$(loader_objects_directory)/flags,$(host_cxx) $(loader_cxxflags) $(loader_ldflags)))
$(eval $(call record,$(loader_objects_directory)/list,$(loader_object_files)))
loader_rules := images/loader/loader.mk $(loader_objects_directory)/flags

.PHONY: loader
loader: $(LOADER)
	@:

$(loader_objects_directory)/%.o: % $(loader_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(loader_cxxflags) -c -o $@ $<

$(LOADER): $(loader_object_files) $(loader_objects_directory)/list $(loader_rules)
	$(call say,LINK,$@)
	$(Q)ld $(loader_ldflags) $(gnu_efi_start) $(loader_object_files) $(gnu_efi_relocation) -o $@

-include $(loader_object_files:.o=.d)
