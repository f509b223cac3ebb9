# SPDX-License-Identifier: Apache-2.0
# clang-tidy over each folder of the product. Its verdict is a file below build/lint: what did not change is not checked
# again.
.PHONY: tidy
ifneq ($(filter tidy,$(MAKECMDGOALS)),)
LINT := $(BUILD)/lint
tidy_folders := $(sort $(shell find hv kernel pv-drivers balloon tools-agent userland -name '*.cpp' -printf '%h\n'))
# No folder takes a tenth of it: a check that never ends fails.
tidy_seconds ?= 900

# The guest's flags as Clang knows them: its own headers with the intrinsics instead of GCC's.
gcc_headers := $(shell $(GUEST_CXX) -print-file-name=include)
clang_headers = $(shell clang-16 -print-resource-dir)/include
as_clang = $(CLANG_CXXFLAGS) $(subst $(gcc_headers),$(clang_headers),$(filter-out -std=% -W% -MMD -MP,$(1)))
$(LINT)/hv/%: tidy_flags = $(call as_clang,$(hv_cxxflags))
$(LINT)/%: tidy_flags = $(call as_clang,$(KERNEL_CXXFLAGS) $(LWIP_INCLUDES) $(EXT2FS_INCLUDES))
$(LINT)/userland/%: tidy_flags = $(call as_clang,$(GUEST_CXXFLAGS) $(kernel_code) $(LWIP_INCLUDES) $(CARES_INCLUDES)) \
	$(throwing)
$(LINT)/tools-agent/%: tidy_flags = $(call as_clang,$(USERLAND_CXXFLAGS)) $(throwing)
# Some of their files handle exceptions.
throwing := -fexceptions -fcxx-exceptions -frtti

define tidy_folder
$(LINT)/$(1)/verdict: $(wildcard $(1)/*.cpp) .clang-tidy tests/lint/lint.mk tests/lint/tidy.sh | $(SETUP)
	$$(call say,TIDY,$(1))
	$$(Q)mkdir -p $$(@D) && printf '#include "%s"\n' $(wildcard $(1)/*.cpp) | \
		clang++-16 $$(tidy_flags) -MM -MP -MT $$@ -MF $$(@D)/verdict.d -x c++ -
	$$(Q)timeout $(tidy_seconds) tests/lint/tidy.sh $$(@D)/work $$(tidy_flags) -- $(wildcard $(1)/*.cpp)
	$$(Q)touch $$@
-include $(LINT)/$(1)/verdict.d
endef
$(foreach folder,$(tidy_folders),$(eval $(call tidy_folder,$(folder))))

tidy: $(foreach folder,$(tidy_folders),$(LINT)/$(folder)/verdict)
endif
