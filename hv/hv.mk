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

hv_sources := $(wildcard hv/core/*.cpp hv/image/*.cpp hv/guest/*.cpp hv/devices/*.cpp hv/devices/blk/*.cpp \
	hv/machine/*.cpp hv/api/*.cpp hv/balance/*.cpp hv/supervise/*.cpp hv/watchdog/*.cpp hv/postmortem/*.cpp hv/cli/*.cpp \
	hv/accel/*.cpp)
hv_libraries := -lhttp_parser -lseccomp -luring
hv_extra_objects :=

# Another rule or another flag: other objects.
$(eval $(call record,$(HV_OBJECTS)/flags,$(hv_cxx) $(hv_cxxflags)))
hv_rules := hv/hv.mk $(HV_OBJECTS)/flags

include hv/accel/pv/pv.mk
include hv/accel/kvm/kvm.mk

# The command line comes last: its tables would lie between the data that every running machine writes, on more pages.
hv_object_files := $(patsubst %.cpp,$(HV_OBJECTS)/%.o,$(sort $(filter %.cpp,$(hv_sources))))
hv_object_files := $(filter-out $(HV_OBJECTS)/hv/cli/%,$(hv_object_files)) \
	$(filter $(HV_OBJECTS)/hv/cli/%,$(hv_object_files))

.PHONY: hv
hv: $(BUILD)/hv $(BUILD)/hv-slirp ## build the hypervisor

$(eval $(call record,$(HV_OBJECTS)/hv.list,$(hv_ldflags) $(hv_object_files) $(hv_extra_objects) $(hv_libraries)))

$(BUILD)/hv: $(HV_OBJECTS)/hv.list $(hv_object_files) $(hv_extra_objects) hv/hv.mk
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(hv_ldflags) -o $@ $(filter %.o,$^) $(hv_libraries)

$(HV_OBJECTS)/hv/%.o: hv/%.cpp $(hv_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(hv_cxxflags) -c -o $@ $<

# libslirp comes as a shared library only, and brings glib: so it is not in hv itself.
slirp_sources := $(wildcard hv/devices/slirp/*.cpp)
slirp_parts_of_hv := $(addprefix hv/core/,format.cpp capabilities.cpp landlock.cpp)
slirp_object_files := $(patsubst %.cpp,$(HV_OBJECTS)/%.o,$(slirp_sources) $(slirp_parts_of_hv))

slirp_ldflags := -Wl,--gc-sections -Wl,-O1 -Wl,-z,relro,-z,now
slirp_libraries := -lslirp -lseccomp
$(eval $(call record,$(HV_OBJECTS)/hv-slirp.list,$(slirp_ldflags) $(slirp_object_files) $(slirp_libraries)))

$(BUILD)/hv-slirp: $(HV_OBJECTS)/hv-slirp.list $(slirp_object_files) hv/hv.mk
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(slirp_ldflags) -o $@ $(slirp_object_files) $(slirp_libraries)

-include $(sort $(hv_object_files:.o=.d) $(slirp_object_files:.o=.d))
