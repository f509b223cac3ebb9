# SPDX-License-Identifier: Apache-2.0
# How an image is made: compile its sources, link them with the kernel and the features that it names, note the
# licences.
#
# An image is described by variables and instantiated by $(eval $(call tenon_image,NAME)):
#   NAME_directory   where its sources are
#   NAME_sources     .c, .cpp, .cc, .cxx and .S files; a space in a name has a backslash before it
#   NAME_features    of IMAGE_FEATURES
#   NAME_files       a folder whose files the program can open; may be empty
#   NAME_flags       more flags for the compiler                                   (may be left out)
#   NAME_libs        archives, -L and -l, linked before Tenon's own                (may be left out)
# and, for its disk:
#   NAME_command_line    what is in cmdline.txt                                    (may be left out)
#   NAME_data            the data partition's size: 64M, 2G                        (may be left out)

IMAGES :=
image_output := $(BUILD)/images

image_flags = $(filter-out $(guest_not_unix),$(1))
image_more_flags := -Wall -Wextra -I$(TENON_ROOT)/userland/include -fno-omit-frame-pointer
IMAGE_CFLAGS = $(call image_flags,$(GUEST_CFLAGS)) $(image_more_flags)
IMAGE_CXXFLAGS = $(call image_flags,$(GUEST_CXXFLAGS)) $(image_more_flags)
image_compile_.c = CC $(GUEST_CC) $(IMAGE_CFLAGS)
image_compile_.cpp = CXX $(GUEST_CXX) $(IMAGE_CXXFLAGS)
image_compile_.cc = $(image_compile_.cpp)
image_compile_.cxx = $(image_compile_.cpp)
image_compile_.S = AS $(GUEST_CC) $(call image_flags,$(GUEST_ASFLAGS)) -I$(TENON_ROOT)/userland/include
image_suffixes := .c .cpp .cc .cxx .S
# The name of what is done, and the command that does it.
image_verb = $(firstword $(image_compile_$(suffix $(1))))
image_command = $(wordlist 2,999,$(image_compile_$(suffix $(1))))

image_comma := ,
# Tenon's memcpy and its like come before Newlib's, whichever object refers to them first.
own_memory_functions := -Wl,-u,memcpy
# Functions that take the place of Newlib's, whose archive would otherwise serve its own calls first.
replaced_functions := $(addprefix -Wl$(image_comma)--wrap=,_ldtoa_r _ldcheck isatty mkdtemp glob remove \
	_ZNSt10filesystem5spaceERKNS_7__cxx114pathE _ZNSt10filesystem5spaceERKNS_7__cxx114pathERSt10error_code)
# The libraries of all images, besides GUEST_LIBS; and functions that are absent, which fail when they are called.
image_libraries := $(patsubst %,$(GUEST)/lib%.a,tenon-userland tenon-sockets tenon cares lwip ext2fs)
image_stubs := $(GUEST)/libtenon-stubs.a
image_script := $(TENON_ROOT)/kernel/boot/image.ld
IMAGE_LDFLAGS = $(GUEST_LDFLAGS) $(own_memory_functions) $(replaced_functions) -Wl,-T,$(image_script)
image_rules := $(TENON_ROOT)/images/rules.mk $(TENON_ROOT)/setup/guest-flags.mk $(SYSROOT_STAMPS)

# make has lists of words. A space inside a name is another character while the name is in a list, and in the name of
# its object.
image_space := $(subst x,,x x)
image_mark := ␠
image_list = $(subst \$(image_space),$(image_mark),$(1))
image_escaped = $(subst $(image_mark),\$(image_space),$(1))
# An object is never outside of its folder.
image_object = $(patsubst %,$(image_output)/$(1).obj/%.o,$(subst ../,__/,$(2)))
image_files_in = $(shell find "$(1)" ! -type l | sed 's/[ \\%:]/\\&/g')

# IMAGE, SOURCE as it is in the list, where it is
define image_compile
$(call image_object,$(1),$(2)): $(call image_escaped,$(3)) $(image_output)/$(1).obj/flags $(image_rules) | $(SETUP)
	$$(call say,$$(call image_verb,$(2)),$$<)
	$$(Q)mkdir -p $$(@D) && $$(call image_command,$(2)) $$($(1)_flags) -MMD -MP -c "$$<" -o $$@

endef

define tenon_image
$(1)_flags ?=
$(1)_libs ?=
$(1)_command_line ?=
$(1)_data ?=
$(1)_list := $$(call image_list,$$($(1)_sources))
$$(if $$(filter-out $$(IMAGE_FEATURES),$$($(1)_features)),$$(error $(1): there is no feature '$$(firstword \
	$$(filter-out $$(IMAGE_FEATURES),$$($(1)_features)))', only $$(IMAGE_FEATURES)))
$(1)_no_source := $$(firstword $$(filter-out $$(addprefix %,$$(image_suffixes)),$$($(1)_list)))
$$(if $$($(1)_no_source),$$(error $(1): '$$(subst $$(image_mark),$$(image_space),$$($(1)_no_source))' is no source: \
	it ends in none of $$(image_suffixes)))
$(1)_objects := $$(call image_object,$(1),$$($(1)_list)) $(image_output)/$(1).obj/name.o \
	$$(if $$($(1)_files),$(image_output)/$(1).obj/archive.o)
$(1)_libraries := $$(foreach feature,$$($(1)_features),$(GUEST)/libfeature-$$(feature).a)
$(1)_archives := $$(call image_escaped,$$(filter %.a,$$(call image_list,$$($(1)_libs))))

$$(eval $$(call record,$(image_output)/$(1).obj/flags,$$$$(GUEST_CC) $$$$(GUEST_CXX) $$$$(IMAGE_CFLAGS) \
	$$$$(IMAGE_CXXFLAGS) $$$$($(1)_flags)))
# The image's own parts, besides those of all images.
$$(eval $$(call record,$(image_output)/$(1).obj/linked,$$($(1)_objects) $$($(1)_libraries) $$$$($(1)_libs) \
	$$$$(IMAGE_LDFLAGS) $$$$(GUEST_LIBS)))

$$(foreach source,$$($(1)_list),$$(eval $$(call \
	image_compile,$(1),$$(source),$$(if $$(filter /%,$$(source)),,$$($(1)_directory)/)$$(source))))

# The program's argv[0], and the image's name for the agent.
$(image_output)/$(1).obj/name.o: $(image_output)/$(1).obj/flags $(image_rules) | $(SETUP)
	$$(Q)mkdir -p $$(@D) && printf '%s\n' '.data' '.globl tenon_image_name' 'tenon_image_name: .asciz "$(1)"' \
		'.section .note.GNU-stack, "", @progbits' | $$(GUEST_CC) -c -x assembler - -o $$@

$(image_output)/$(1).obj/archive.o: $$(if $$($(1)_files),$$(call image_files_in,$$($(1)_files))) \
	$(TENON_ROOT)/images/archive.sh | $(SETUP)
	$$(call say,ARCHIVE,$$($(1)_files))
	$$(Q)$(TENON_ROOT)/images/archive.sh "$$($(1)_files)" $$@ $$(GUEST_CC)

$(1)_link = $$(GUEST_CXX) $$(IMAGE_LDFLAGS) -Wl,-Map=$(image_output)/$(1).map \
	$$($(1)_objects) -Wl,--whole-archive $$($(1)_libraries) -Wl,--no-whole-archive -Wl,--start-group $$($(1)_libs) \
	$(image_libraries) $(image_stubs) $$(GUEST_LIBS) -Wl,--end-group -o $(image_output)/$(1).elf
$(image_output)/$(1).elf: $(image_output)/$(1).obj/linked $$($(1)_objects) $$($(1)_archives) $(GUEST_ARCHIVES) \
	$(image_script) $(image_rules) \
		$(TENON_ROOT)/images/notice.sh $(TENON_ROOT)/images/link.sh
	$$(call say,LINK,$$@)
	$$(Q)$(TENON_ROOT)/images/link.sh $(GUEST) "$$(strip $$($(1)_features))" "$$($(1)_objects)" $$($(1)_link)
	$$(Q)$(TENON_ROOT)/images/notice.sh $(image_output)/$(1).map $(TENON_SYSROOT) > $(image_output)/$(1).NOTICE

# What the image is linked from, with the source of the library that its users may change (libext2fs, LGPL-2.0).
$(image_output)/$(1).relinkable.tar.gz: $(image_output)/$(1).elf $(GUEST)/ext2fs-source.tar.gz \
		$(TENON_ROOT)/images/relinkable.sh
	$$(call say,BUNDLE,$$@)
	$$(Q)$(TENON_ROOT)/images/relinkable.sh $(GUEST)/ext2fs-source.tar.gz $$@ $$($(1)_link)

# The image with the UEFI loader, and a disk with both.
$(image_output)/$(1).efi: $(image_output)/$(1).elf $(LOADER) $(TENON_ROOT)/images/carry.sh
	$$(call say,EFI,$$@)
	$$(Q)$(TENON_ROOT)/images/carry.sh $(LOADER) $$< $$@

$$(eval $$(call record,$(image_output)/$(1).obj/disk,$$$$($(1)_command_line) $$$$($(1)_data)))
$(image_output)/$(1).img: $(image_output)/$(1).efi $(image_output)/$(1).obj/disk $(TENON_ROOT)/images/disk.sh
	$$(call say,DISK,$$@)
	$$(Q)$(TENON_ROOT)/images/disk.sh $$< '$$(subst ','\'',$$($(1)_command_line))' "$$($(1)_data)" $$@

-include $$($(1)_objects:.o=.d)
IMAGES += $(image_output)/$(1).elf
endef
