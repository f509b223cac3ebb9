# SPDX-License-Identifier: Apache-2.0
# The unit tests: one program, with the code under test compiled for the build machine under its sanitizers.
#
# Each folder of tests adds the sources that it tests in its sources.mk: `unit_sources += ...`, and, where it matters,
# `unit_libraries += ...`. Fuzz targets are tests/fuzz/NAME.cpp with `fuzz_NAME := SOURCES`.

UNIT_OBJECTS := $(BUILD)/tests/obj
# Under sanitizers GCC sees uninitialised values in its own library where there are none.
unit_sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
unit_cxxflags := -std=c++23 -O0 -g -D_GLIBCXX_ASSERTIONS -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror \
	-Wno-maybe-uninitialized -I. -MMD -MP $(unit_sanitizers)

# libext2fs for the build machine: $(eval $(call host_ext2fs,FOLDER,COMPILER AND FLAGS)) makes FOLDER/libext2fs.a.
with_ext2fs = $(if $(findstring ext4,$(1)),$(EXT2FS_INCLUDES))
define host_ext2fs
host_ext2fs_objects_$(1) := $$(patsubst %.c,$(1)/e2fsprogs/%.o,$$(ext2fs_sources))
$(1)/e2fsprogs/%.o: $$(EXT2FS_SOURCE)/%.c $$(ext2fs_configuration) kernel/fs/ext4/ext2fs.mk tests/unit/unit.mk \
	$(1)/flags | $$(SETUP)
	$$(call say,CC,$$*.c (host))
	$$(Q)mkdir -p $$(@D) && $(2) -w -I. $$(EXT2FS_INCLUDES) -MMD -MP -c -o $$@ $$<
$(1)/libext2fs.a: $$(host_ext2fs_objects_$(1))
	$$(call say,AR,$$@)
	$$(Q)rm -f $$@ && ar rcs $$@ $$^
-include $$(host_ext2fs_objects_$(1):.o=.d)
endef
$(eval $(call host_ext2fs,$(UNIT_OBJECTS),gcc -O1 -g $(unit_sanitizers)))

# The part of ext4 that is the same on every machine.
ext4_core := kernel/fs/inode.cpp $(filter-out %/type.cpp %/disk_store.cpp,$(wildcard kernel/fs/ext4/*.cpp)) \
	$(wildcard kernel/fs/ext4/ext2fs/*.cpp)

unit_rules := tests/unit/unit.mk $(UNIT_OBJECTS)/flags
$(eval $(call record,$(UNIT_OBJECTS)/flags,$(host_cxx) $(unit_cxxflags)))

unit_sources :=
unit_libraries :=
include $(sort $(wildcard tests/unit/*/sources.mk))
unit_tests := $(sort $(shell find tests/unit -name '*.cpp'))
unit_object_files := $(patsubst %.cpp,$(UNIT_OBJECTS)/%.o,$(sort $(unit_tests) $(unit_sources)))

TEST_PROGRAMS += $(BUILD)/tests/unit

$(eval $(call record,$(UNIT_OBJECTS)/unit.list,$(unit_object_files) $(unit_libraries)))
$(BUILD)/tests/unit: $(unit_object_files) $(filter $(BUILD)/%.a,$(unit_libraries)) $(UNIT_OBJECTS)/unit.list \
		$(unit_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(unit_sanitizers) -o $@ $(unit_object_files) $(unit_libraries)

$(UNIT_OBJECTS)/%.o: %.cpp $(unit_rules) | $(SETUP)
	$(call say,CXX,$< (sanitized))
	$(Q)mkdir -p $(@D) && $(host_cxx) $(unit_cxxflags) $(call with_ext2fs,$<) -c -o $@ $<

# Fuzzers. Clang has what std::expected needs from version 16; it and the library disagree on one macro only.
CLANG_CXXFLAGS := -std=c++2b -D__cpp_concepts=202002L -Wno-macro-redefined -Wno-builtin-macro-redefined
fuzz_cxx := clang++-16 $(CLANG_CXXFLAGS)
fuzz_sanitizers := -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
fuzz_cxxflags := -O1 -g -I. -MMD -MP $(fuzz_sanitizers)
FUZZ_OBJECTS := $(BUILD)/tests/fuzz-obj
fuzz_rules := tests/unit/unit.mk $(FUZZ_OBJECTS)/flags
$(eval $(call record,$(FUZZ_OBJECTS)/flags,$(fuzz_cxx) $(fuzz_cxxflags)))

$(eval $(call host_ext2fs,$(FUZZ_OBJECTS),clang-16 -O1 -g $(fuzz_sanitizers)))
include $(sort $(wildcard tests/fuzz/*.mk))
fuzz_names := $(patsubst tests/fuzz/%.cpp,%,$(sort $(wildcard tests/fuzz/*.cpp)))
fuzz_targets := $(addprefix $(BUILD)/tests/fuzz/,$(fuzz_names))

TEST_PROGRAMS += $(fuzz_targets)

.PHONY: fuzz
fuzz: $(fuzz_targets) ## build the fuzzers; tests/fuzz/run.sh runs them

define fuzz_target
fuzz_$(1) ?=
fuzz_libraries_$(1) ?=
fuzz_objects_$(1) := $$(patsubst %.cpp,$$(FUZZ_OBJECTS)/%.o,tests/fuzz/$(1).cpp $$(fuzz_$(1)))
$(call record,$(FUZZ_OBJECTS)/$(1).list,$$(fuzz_objects_$(1)) $$(fuzz_libraries_$(1)))
$(BUILD)/tests/fuzz/$(1): $$(fuzz_objects_$(1)) $$(filter $(BUILD)/%.a,$$(fuzz_libraries_$(1))) \
		$(FUZZ_OBJECTS)/$(1).list $(fuzz_rules)
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D) && $$(fuzz_cxx) $$(fuzz_sanitizers) -o $$@ $$(fuzz_objects_$(1)) $$(fuzz_libraries_$(1))
fuzz_object_files += $$(fuzz_objects_$(1))
endef
fuzz_object_files :=
$(foreach name,$(fuzz_names),$(eval $(call fuzz_target,$(name))))

$(FUZZ_OBJECTS)/%.o: %.cpp $(fuzz_rules) | $(SETUP)
	$(call say,FUZZ,$<)
	$(Q)mkdir -p $(@D) && $(fuzz_cxx) $(fuzz_cxxflags) $(call with_ext2fs,$<) -c -o $@ $<

-include $(sort $(fuzz_object_files:.o=.d))
-include $(unit_object_files:.o=.d)
