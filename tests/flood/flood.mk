# SPDX-License-Identifier: Apache-2.0
# Forged connection requests.
SYN_FLOOD := $(BUILD)/tests/syn_flood
TEST_PROGRAMS += $(SYN_FLOOD)

$(SYN_FLOOD): tests/flood/syn_flood.cpp tests/flood/flood.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

-include $(SYN_FLOOD).d
