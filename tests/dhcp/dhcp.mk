# SPDX-License-Identifier: Apache-2.0
# A DHCP server whose answers a test chooses.
DHCP_SERVER := $(BUILD)/tests/dhcp_server
TEST_PROGRAMS += $(DHCP_SERVER)

$(DHCP_SERVER): tests/dhcp/server.cpp tests/dhcp/dhcp.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

-include $(DHCP_SERVER).d
