# SPDX-License-Identifier: Apache-2.0
# hv, the hypervisor: build/hv (static) and build/hv-slirp (user-mode networking, a process of its own).
#
# The accelerators add what they have in their own files: `hv_sources += ...`, `hv_libraries += ...`,
# `hv_extra_objects += ...`.

BUILD ?= build
build := $(BUILD)
hv_cxx := g++
HV_OBJECTS := $(BUILD)/obj

hv_warnings := -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror
hv_cxxflags := -std=c++23 -O2 -g -ffunction-sections -fdata-sections -fno-plt $(hv_warnings) -I. -MMD -MP
# Not position-independent: nothing is relocated at start, and no page of data is written for it.
hv_ldflags := -static -no-pie -Wl,--gc-sections -Wl,-O1

hv_sources := $(wildcard hv/core/*.cpp hv/image/*.cpp hv/devices/*.cpp hv/devices/blk/*.cpp hv/machine/*.cpp hv/api/*.cpp hv/balance/*.cpp hv/supervise/*.cpp hv/watchdog/*.cpp hv/postmortem/*.cpp hv/cli/*.cpp \
	hv/accel/*.cpp)
hv_libraries := -lhttp_parser -lseccomp -luring
hv_extra_objects :=

-include hv/accel/pv/pv.mk
-include hv/accel/kvm/kvm.mk

hv_object_files := $(patsubst %.cpp,$(HV_OBJECTS)/%.o,$(sort $(filter %.cpp,$(hv_sources))))

.PHONY: hv
hv: $(BUILD)/hv $(BUILD)/hv-slirp ## build the hypervisor

$(eval $(call list_file,$(HV_OBJECTS)/hv.list,$(hv_object_files) $(hv_extra_objects)))

$(BUILD)/hv: $(HV_OBJECTS)/hv.list $(hv_object_files) $(hv_extra_objects)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(hv_ldflags) -o $@ $(filter-out $<,$^) $(hv_libraries)

$(HV_OBJECTS)/hv/%.o: hv/%.cpp hv/hv.mk | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(hv_cxxflags) -c -o $@ $<

# libslirp comes as a shared library only, and brings glib: so it is not in hv itself.
slirp_sources := $(wildcard hv/devices/slirp/*.cpp)
slirp_object_files := $(patsubst %.cpp,$(HV_OBJECTS)/%.o,$(slirp_sources) hv/core/format.cpp)

$(BUILD)/hv-slirp: $(slirp_object_files)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(hv_cxx) -Wl,--gc-sections -Wl,-O1 -Wl,-z,relro,-z,now -o $@ $^ -lslirp -lseccomp

-include $(sort $(hv_object_files:.o=.d) $(slirp_object_files:.o=.d))
