# SPDX-License-Identifier: Apache-2.0
# The unit tests: one program, with the code under test compiled for the build machine under its sanitizers.
#
# Each folder of tests adds what it tests in a sources.mk of its own: `unit_sources += ...`, and, where it matters,
# `unit_libraries += ...`. Fuzz targets are tests/fuzz/NAME.cpp with `fuzz_NAME := SOURCES`.

UNIT_OBJECTS := $(BUILD)/tests/obj
# Under sanitizers GCC sees uninitialised values in its own library where there are none.
unit_sanitizers := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
unit_cxxflags := -std=c++23 -O1 -g -D_GLIBCXX_ASSERTIONS -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror \
	-Wno-maybe-uninitialized -I. -MMD -MP $(unit_sanitizers)

unit_sources :=
unit_libraries :=
-include $(sort $(wildcard tests/unit/*/sources.mk))
unit_tests := $(sort $(shell find tests/unit -name '*.cpp'))
unit_object_files := $(patsubst %.cpp,$(UNIT_OBJECTS)/%.o,$(sort $(unit_tests) $(unit_sources)))

TEST_PROGRAMS += $(BUILD)/tests/unit

$(BUILD)/tests/unit: $(unit_object_files)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && g++ $(unit_sanitizers) -o $@ $^ $(unit_libraries)

$(UNIT_OBJECTS)/%.o: %.cpp tests/unit/unit.mk | $(SETUP)
	$(call say,CXX,$< (sanitized))
	$(Q)mkdir -p $(@D) && g++ $(unit_cxxflags) -c -o $@ $<

# Fuzzers. Clang has what std::expected needs from version 16; it and the library disagree on one macro only.
CLANG_CXXFLAGS := -std=c++2b -D__cpp_concepts=202002L -Wno-macro-redefined -Wno-builtin-macro-redefined
fuzz_cxx := clang++-16 $(CLANG_CXXFLAGS)
fuzz_cxxflags := -O1 -g -I. -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
-include $(sort $(wildcard tests/fuzz/*.mk))
fuzz_names := $(patsubst tests/fuzz/%.cpp,%,$(sort $(wildcard tests/fuzz/*.cpp)))
$(foreach name,$(fuzz_names),$(eval fuzz_libraries_$(name) ?=))
fuzz_targets := $(addprefix $(BUILD)/tests/fuzz/,$(fuzz_names))

.PHONY: fuzz
fuzz: $(fuzz_targets) ## build the fuzzers: build/tests/fuzz/NAME -max_total_time=60

.SECONDEXPANSION:
$(BUILD)/tests/fuzz/%: tests/fuzz/%.cpp $$(fuzz_%) tests/unit/unit.mk | $(SETUP)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D) && $(fuzz_cxx) $(fuzz_cxxflags) -o $@ $(filter %.cpp,$^) $(fuzz_libraries_$*)

-include $(unit_object_files:.o=.d)
