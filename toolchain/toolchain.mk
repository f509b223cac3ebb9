# SPDX-License-Identifier: Apache-2.0
# The compiler and the tools for programs with a build system of their own: docs/building.md. They name all places in
# full; setup/install.sh replaces these by those of the installed files.

TOOLCHAIN := $(BUILD)/toolchain
toolchain_tools := gcc g++ ar ranlib nm strip objcopy ld pkg-config configure run
TOOLCHAIN_FILES := $(patsubst %,$(BUILD)/bin/x86_64-tenon-%,$(toolchain_tools)) \
	$(addprefix $(TOOLCHAIN)/,settings.sh tenon.cmake tenon.ini Platform/Tenon.cmake)

# The options of a program's own compilations (language, optimization, debugging) are its own; its headers come first.
toolchain_flags = $(patsubst -I%,-isystem %,$(filter-out -O2 -g -std=%,$(call image_flags,$(1)))) \
	-B$(TENON_SYSROOT)/lib/ -fno-omit-frame-pointer
# These come last: hardening flags would ask for what is not there.
toolchain_last := -fPIE -fno-stack-protector -fcf-protection=none -U_FORTIFY_SOURCE

define toolchain_settings
# Written by toolchain/toolchain.mk: how a program is compiled and linked.
tenon=$(TENON_ROOT)
tenon_guest=$(abspath $(GUEST))
tenon_sysroot=$(TENON_SYSROOT)
tenon_run=$(abspath $(BUILD))/bin/x86_64-tenon-run
tenon_features="$(IMAGE_FEATURES)"
tenon_cc=$(GUEST_CC)
tenon_cxx=$(GUEST_CXX)
tenon_cflags=($(call toolchain_flags,$(GUEST_CFLAGS)))
tenon_cxxflags=($(call toolchain_flags,$(GUEST_CXXFLAGS)))
tenon_code=($(toolchain_last))
tenon_ldflags=($(IMAGE_LDFLAGS))
tenon_libraries=($(abspath $(image_libraries)) $(GUEST_LIBS))
tenon_stubs=$(abspath $(image_stubs))
endef

toolchain_rules := toolchain/toolchain.mk $(image_rules)
$(eval $(call record,$(TOOLCHAIN)/settings,$$(GUEST_CC) $$(GUEST_CXX) $$(GUEST_CFLAGS) $$(GUEST_CXXFLAGS) \
	$$(IMAGE_LDFLAGS) $$(IMAGE_FEATURES) $$(image_libraries)))
$(TOOLCHAIN)/settings.sh: $(TOOLCHAIN)/settings $(toolchain_rules) | $(SETUP)
	$(call say,TOOLS,$@)
	$(file >$@,$(toolchain_settings))

toolchain_place = mkdir -p $(@D) && sed -e 's|@BUILD@|$(abspath $(BUILD))|g; s|@SYSROOT@|$(TENON_SYSROOT)|g' \
	-e 's|@HV@|$(abspath $(BUILD))/hv|g' $< >$@
$(patsubst %,$(BUILD)/bin/x86_64-tenon-%,gcc g++): toolchain/compiler.sh $(toolchain_rules) | $(SETUP)
	$(Q)$(toolchain_place) && chmod +x $@
$(patsubst %,$(BUILD)/bin/x86_64-tenon-%,ar nm ranlib strip objcopy ld): \
		toolchain/binutils.sh $(toolchain_rules) | $(SETUP)
	$(Q)$(toolchain_place) && chmod +x $@
$(BUILD)/bin/x86_64-tenon-%: toolchain/%.sh $(toolchain_rules) | $(SETUP)
	$(Q)$(toolchain_place) && chmod +x $@
$(TOOLCHAIN)/%: toolchain/% $(toolchain_rules) | $(SETUP)
	$(Q)$(toolchain_place)

.PHONY: toolchain
toolchain: hv guest-libraries $(TOOLCHAIN_FILES) ## build the compiler for programs with a build system of their own
