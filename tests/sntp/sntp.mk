# SPDX-License-Identifier: Apache-2.0
# A time server that answers rightly and wrongly.
NTP_SERVER := $(BUILD)/tests/ntp_server
TEST_PROGRAMS += $(NTP_SERVER)

$(NTP_SERVER): tests/sntp/server.cpp tests/sntp/sntp.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

-include $(NTP_SERVER).d
