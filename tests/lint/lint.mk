# SPDX-License-Identifier: Apache-2.0
# clang-tidy's result for each source is a file below build/lint, so unchanged sources are not checked again.
.PHONY: tidy-hv tidy-guest
ifneq ($(filter tidy-%,$(MAKECMDGOALS)),)
LINT := $(BUILD)/lint
lint_hv := $(patsubst %,$(LINT)/%.tidy,$(sort $(shell find hv -name '*.cpp')))
lint_guest := $(patsubst %,$(LINT)/%.tidy,$(sort $(shell find kernel pv-drivers balloon tools-agent userland -name '*.cpp')))
# No file takes a tenth of it: a check that never ends fails.
lint_seconds ?= 180

# The guest's flags as Clang knows them: its own headers with the intrinsics instead of GCC's.
gcc_headers := $(shell $(GUEST_CXX) -print-file-name=include)
clang_headers = $(shell clang-16 -print-resource-dir)/include
as_clang = $(CLANG_CXXFLAGS) $(subst $(gcc_headers),$(clang_headers),$(filter-out -std=% -W% -MMD -MP,$(1)))
$(LINT)/hv/%: lint_flags = $(call as_clang,$(hv_cxxflags))
$(LINT)/%: lint_flags = $(call as_clang,$(KERNEL_CXXFLAGS) $(LWIP_INCLUDES))
$(LINT)/userland/%: lint_flags = $(call as_clang,$(GUEST_CXXFLAGS) $(kernel_code) $(LWIP_INCLUDES) $(CARES_INCLUDES))
$(LINT)/tools-agent/%: lint_flags = $(call as_clang,$(USERLAND_CXXFLAGS))

$(LINT)/%.tidy: % .clang-tidy tests/lint/lint.mk | $(SETUP)
	$(call say,TIDY,$<)
	$(Q)mkdir -p $(@D) && clang++-16 $(lint_flags) -MM -MP -MT $@ -MF $@.d $<
	$(Q)timeout $(lint_seconds) clang-tidy-16 --quiet $< -- $(lint_flags) >$@.log 2>&1 || \
		{ [ $$? != 124 ] || echo "$<: clang-tidy did not end in $(lint_seconds) s" >>$@.log; cat $@.log; exit 1; }
	$(Q)touch $@

tidy-hv: $(lint_hv)
tidy-guest: $(lint_guest)

-include $(addsuffix .d,$(lint_hv) $(lint_guest))
endif
