# SPDX-License-Identifier: Apache-2.0
# How an image is made: compile its sources, link them with the kernel and the features that it names, note the licences.
#
# An image is described by variables:  NAME_directory  NAME_sources  NAME_features  NAME_files (a folder; may be empty)
# and instantiated by:                 $(eval $(call tenon_image,NAME))

IMAGES :=
image_output := $(BUILD)/images

IMAGE_CFLAGS = $(GUEST_CFLAGS) -Wall -Wextra -I$(TENON_ROOT)/userland/include -fno-omit-frame-pointer
IMAGE_CXXFLAGS = $(GUEST_CXXFLAGS) -Wall -Wextra -I$(TENON_ROOT)/userland/include -fno-omit-frame-pointer

# Tenon's memcpy and its like stand before Newlib's, whoever asks for them first.
own_memory_functions := -Wl,-u,memcpy

define tenon_image
$(1)_flags ?=
$(1)_objects := $$(patsubst %,$(image_output)/$(1).obj/%.o,$$($(1)_sources)) $$(if $$($(1)_files),$(image_output)/$(1).obj/archive.o)
$(1)_libraries := $$(foreach feature,$$($(1)_features),$(GUEST)/libfeature-$$(feature).a)

$(image_output)/$(1).obj/%.c.o: $$($(1)_directory)/%.c | $(SETUP)
	$$(call say,CC,$$<)
	$$(Q)mkdir -p $$(@D) && $$(GUEST_CC) $$(IMAGE_CFLAGS) $$($(1)_flags) -MMD -MP -c $$< -o $$@

$(image_output)/$(1).obj/%.cpp.o: $$($(1)_directory)/%.cpp | $(SETUP)
	$$(call say,CXX,$$<)
	$$(Q)mkdir -p $$(@D) && $$(GUEST_CXX) $$(IMAGE_CXXFLAGS) $$($(1)_flags) -MMD -MP -c $$< -o $$@

$(image_output)/$(1).obj/archive.o: $$(if $$($(1)_files),$$(shell find $$($(1)_files))) $(TENON_ROOT)/images/archive.sh | $(SETUP)
	$$(call say,ARCHIVE,$$($(1)_files))
	$$(Q)$(TENON_ROOT)/images/archive.sh $$($(1)_files) $$@ $$(GUEST_CC)

# What is linked, besides what is in all images.
$$(eval $$(call list_file,$(image_output)/$(1).obj/linked,$$($(1)_objects) $$($(1)_libraries)))

$(image_output)/$(1).elf: $(image_output)/$(1).obj/linked $$($(1)_objects) $(GUEST_ARCHIVES) $(TENON_ROOT)/kernel/boot/image.ld $(TENON_ROOT)/images/notice.sh
	$$(call say,LINK,$$@)
	$$(Q)$$(GUEST_CXX) $$(GUEST_LDFLAGS) $$(own_memory_functions) -Wl,-T,$(TENON_ROOT)/kernel/boot/image.ld -Wl,-Map=$(image_output)/$(1).map \
		$$($(1)_objects) -Wl,--whole-archive $$($(1)_libraries) -Wl,--no-whole-archive \
		-Wl,--start-group $(GUEST)/libtenon-userland.a $(GUEST)/libtenon-sockets.a $(GUEST)/libtenon.a $(GUEST)/liblwip.a \
		$$(GUEST_LIBS) -Wl,--end-group -o $$@
	$$(Q)$(TENON_ROOT)/images/notice.sh $(image_output)/$(1).map > $(image_output)/$(1).NOTICE

-include $$($(1)_objects:.o=.d)
IMAGES += $(image_output)/$(1).elf
endef
