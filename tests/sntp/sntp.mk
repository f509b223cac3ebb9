# SPDX-License-Identifier: Apache-2.0
# A time server that answers rightly and wrongly.
NTP_SERVER := $(BUILD)/tests/ntp_server
TEST_PROGRAMS += $(NTP_SERVER)

$(NTP_SERVER): tests/sntp/server.cpp | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && g++ -std=c++23 -O2 -Wall -Wextra $< -o $@
