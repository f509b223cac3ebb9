# SPDX-License-Identifier: Apache-2.0
# Programs and images that only `make bench` needs.
BENCH_PROGRAMS := $(addprefix $(BUILD)/tests/bench/,agent_reply first_byte latency many)

$(BUILD)/tests/bench/%: tests/bench/%.cpp | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) -std=c++23 -O2 -Wall -Wextra $< -o $@
include tests/bench/load/load.mk
include tests/bench/blk/blk.mk
include tests/bench/switches/switches.mk
