# SPDX-License-Identifier: Apache-2.0
# The program that compares a guest's clocks with the host's. Static: the nested machine runs it too.
CLOCK_COMPARE := $(BUILD)/tests/clock
TEST_PROGRAMS += $(CLOCK_COMPARE)

$(CLOCK_COMPARE): tests/clock/main.cpp tests/clock/clock.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d -static -I. $< -o $@

-include $(CLOCK_COMPARE).d
