# SPDX-License-Identifier: Apache-2.0
# How small programs of one source are compiled for the build machine: peers in tests and measurements.

host_cxx := g++
host_cxxflags := -std=c++23 -O2 -Wall -Wextra -MMD -MP
$(eval $(call record,$(BUILD)/host-flags,$(host_cxx) $(host_cxxflags)))
host_rules := setup/host-flags.mk $(BUILD)/host-flags
