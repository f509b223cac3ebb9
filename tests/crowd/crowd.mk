# SPDX-License-Identifier: Apache-2.0
# Very many connections: a server as an image, and a client for the host.
crowd_directory := tests/crowd
crowd_sources := server.cpp silence.cpp
crowd_features := console net
crowd_files :=
$(eval $(call tenon_image,crowd))

CROWD_CLIENT := $(BUILD)/tests/crowd
TEST_PROGRAMS += $(CROWD_CLIENT)

$(CROWD_CLIENT): tests/crowd/client.cpp tests/crowd/crowd.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

-include $(CROWD_CLIENT).d
