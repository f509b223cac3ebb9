# SPDX-License-Identifier: Apache-2.0
# Programs of others, built from Debian's source packages by the recipes here: `make lua` builds build/images/lua.elf.
# docs/programs.md shows how they are run.
CATALOGUE := $(patsubst images/catalogue/%.sh,%,$(filter-out %/build.sh %/linux-compiler.sh %/libevent.sh, \
	$(wildcard images/catalogue/*.sh)))

.PHONY: $(CATALOGUE)
$(CATALOGUE): %: $(BUILD)/images/%.elf
$(CATALOGUE:%=$(BUILD)/images/%.elf): $(BUILD)/images/%.elf: images/catalogue/%.sh images/catalogue/build.sh \
	$(TOOLCHAIN_FILES) $(GUEST_ARCHIVES) $(BUILD)/hv
	$(Q)mkdir -p $(@D) && MAKEFLAGS= images/catalogue/build.sh $* $(@D)

# The same for Linux, for measurements: build/images/NAME.linux.
$(CATALOGUE:%=$(BUILD)/images/%.linux): $(BUILD)/images/%.linux: images/catalogue/%.sh images/catalogue/build.sh \
		| $(SETUP)
	$(Q)mkdir -p $(@D) && MAKEFLAGS= images/catalogue/build.sh $* $(@D) linux
