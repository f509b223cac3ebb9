# SPDX-License-Identifier: Apache-2.0
# The test tiers. `make test` runs them all; `make test TIERS="unit guest"` some.

TIERS ?= lint unit fuzz guest conformance system programs crash escape docs foreign nested

include tests/guest/guest.mk
include tests/conformance/conformance.mk
include tests/system/system.mk
include tests/clock/clock.mk
include tests/sntp/sntp.mk
include tests/crowd/crowd.mk
include tests/dhcp/dhcp.mk
include tests/flood/flood.mk
include tests/names/names.mk
include tests/without_call/without_call.mk
include tests/unit/unit.mk
include tests/vcpus/vcpus.mk
include tests/crash/crash.mk
include tests/sanitized/sanitized.mk
include tests/escape/escape.mk
include tests/escape/frames/frames.mk
include tests/escape/puppet/puppet.mk
include tests/nested/nested.mk
include tests/hammer/hammer.mk
include tests/lint/lint.mk
include tests/bench/bench.mk

# The kernel in which hv is tested on kvm: nothing but that tier needs it.
.PHONY: nested-setup
nested-setup: | $(SETUP)
	$(Q)MAKEFLAGS= setup/setup.sh nested

.PHONY: test
test: hv images disk-images $(TEST_PROGRAMS) nested-setup ## run every test tier; the last line sums them up
	$(Q)tests/run.sh $(TIERS)

# All programs of images/catalogue, the large ones too: minutes of compilation.
.PHONY: test-programs
test-programs: toolchain $(CATALOGUE) ## build the programs of others (docs/programs.md), and test them
	$(Q)tests/programs/run.sh building $(CATALOGUE)

.PHONY: lint
lint: | $(SETUP) ## check scripts and sources without running them
	$(Q)tests/run.sh lint

.PHONY: bench
bench: hv images $(BENCH_PROGRAMS) $(CLOCK_COMPARE) ## measure, and compare with peers in the same run (no test)
	$(Q)tests/bench/run.sh
