# SPDX-License-Identifier: Apache-2.0
# Tenon's one entry point: `make help` lists what there is.

MAKEFLAGS += --no-builtin-rules --warn-undefined-variables
.SUFFIXES:
.DELETE_ON_ERROR:
# What a rule made on the way to something else (lwIP's sources, by setup) stays.
.SECONDARY:
SHELL := /bin/bash

# A plain `make` uses all processors; `make -jN` does as it says.
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc)
endif

BUILD := build
# `make V=1` shows whole commands.
V ?= 0
ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)';
else
Q :=
say =
endif

.PHONY: all help
all: hv images

help:
	@printf 'Tenon: a unikernel for virtual machines, and the hypervisor that it fits.\n\n'
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\n  V=1 shows the commands; -jN sets the number of parallel jobs. Results are below build/.\n'

# Everything that the project needs and the machine lacks. Other targets wait for it; a second run does nothing.
SETUP := $(BUILD)/setup.stamp
$(SETUP): $(filter-out setup/nested.sh setup/fresh.sh setup/install.sh,$(wildcard setup/*.sh)) \
	$(wildcard setup/*.patch setup/lwip/*.patch setup/newlib/*.patch) \
	setup/guest-flags.mk $(wildcard userland/libc/include/*.h userland/libc/include/*/*.h \
	userland/pthread/include/*.h userland/pthread/include/*/*.h)
	$(Q)MAKEFLAGS= setup/setup.sh
	$(Q)mkdir -p $(@D) && touch $@

.PHONY: setup
setup: $(SETUP) ## install and build what the project needs (10 minutes at first)

include setup/guest-flags.mk
include setup/records.mk
# What set-up has built anew is newer than what was made with the former: only that counts, not that set-up ran.
$(SYSROOT_STAMPS): $(made_by) $(SETUP) ;
include setup/host-flags.mk
include images/features.mk
include kernel/kernel.mk
include images/loader/loader.mk
include images/rules.mk
include toolchain/toolchain.mk
include images/catalogue/catalogue.mk
include $(sort $(wildcard images/*/image.mk))
include hv/hv.mk
include tests/tests.mk

# Not part of set-up: it brings a machine of its own.
.PHONY: test-fresh
test-fresh: ## README's commands, all tests with them, in a bare Debian (as root; an hour)
	$(Q)tests/fresh/run.sh

# Those of images/, without the ones of tests and benches.
programs := $(patsubst images/%/image.mk,%,$(wildcard images/*/image.mk))

.PHONY: images
images: $(IMAGES) ## build the images

.PHONY: disk-images
disk-images: $(programs:%=$(BUILD)/images/%.img) ## build a disk of each image, for UEFI machines

.PHONY: relinkable
relinkable: $(programs:%=$(BUILD)/images/%.relinkable.tar.gz) ## objects and the LGPL library's source of each image

.PHONY: run
run: hv $(programs:%=$(BUILD)/images/%.elf) ## build the programs, boot httpd on hv, serve HTTP on a loopback port
	$(Q)images/run.sh

# What set-up made, which has names that begin with a dot too.
set_up := setup.stamp sysroot newlib libstdcxx lwip cares ext2fs nested fresh packages.log

include setup/install.mk

.PHONY: clean distclean format
clean: ## remove what was built from this repository; keeps the sysroot
	rm -rf $(filter-out $(addprefix $(BUILD)/,$(set_up)),$(wildcard $(BUILD)/*))

distclean: ## remove everything that was built or fetched
	rm -rf $(BUILD)

own_sources = $(shell git ls-files '*.h' '*.cpp' '*.c')
format: | $(SETUP) ## format the C++ sources
	clang-format -i $(own_sources)
