# SPDX-License-Identifier: Apache-2.0
# Programs and images that only `make bench` needs.
BENCH_PROGRAMS := $(addprefix $(BUILD)/tests/bench/,agent_reply first_byte latency link many)

$(BUILD)/tests/bench/%: tests/bench/%.cpp tests/bench/bench.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -MF $@.d $< -o $@

# Loads on the C library, without the compiler's own versions of its functions.
$(BUILD)/images/libc-loads.elf: tests/bench/programs/libc.c $(TOOLCHAIN_FILES) $(GUEST_ARCHIVES)
	$(Q)TENON_FEATURES="console tmpfs" $(BUILD)/bin/x86_64-tenon-gcc -O2 -fno-builtin $< -lm -o $@
$(BUILD)/images/libc-loads.linux: tests/bench/programs/libc.c | $(SETUP)
	$(Q)mkdir -p $(@D) && $(GUEST_CC) -O2 -fno-builtin $< -lm -o $@

include tests/bench/load/load.mk
include tests/bench/stream/stream.mk
include tests/bench/blk/blk.mk
include tests/bench/switches/switches.mk

-include $(BENCH_PROGRAMS:=.d)
