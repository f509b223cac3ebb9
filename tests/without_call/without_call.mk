# SPDX-License-Identifier: Apache-2.0
# A host without a system call.
WITHOUT_CALL := $(BUILD)/tests/without_call
TEST_PROGRAMS += $(WITHOUT_CALL)

$(WITHOUT_CALL): tests/without_call/main.cpp tests/without_call/without_call.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

-include $(WITHOUT_CALL).d
