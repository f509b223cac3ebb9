# SPDX-License-Identifier: Apache-2.0
# Programs and images that only `make bench` needs.
BENCH_PROGRAMS := $(addprefix $(BUILD)/tests/bench/,agent_reply first_byte latency link many)

$(BUILD)/tests/bench/%: tests/bench/%.cpp tests/bench/bench.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

include tests/bench/load/load.mk
include tests/bench/stream/stream.mk
include tests/bench/blk/blk.mk
include tests/bench/switches/switches.mk

-include $(BENCH_PROGRAMS:=.d)
