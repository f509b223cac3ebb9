# SPDX-License-Identifier: Apache-2.0
# Floods of frames of every kind: the program that sends them, the machine that they reach, and a client beside.
flood_directory := tests/flood
flood_sources := server.cpp
flood_features := console net
flood_files :=
$(eval $(call tenon_image,flood))

FLOOD := $(BUILD)/tests/flood
WITNESS := $(BUILD)/tests/witness
TEST_PROGRAMS += $(FLOOD) $(WITNESS)

$(FLOOD): $(addprefix tests/flood/,flood.cpp kinds.cpp frame.cpp kinds.h frame.h)
$(WITNESS): tests/flood/witness.cpp
$(FLOOD) $(WITNESS): tests/flood/flood.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$(@F))
	$(Q)mkdir -p $(@D) && $(host_cxx) $(filter-out -MMD -MP,$(host_cxxflags)) $(filter %.cpp,$^) -o $@
