# SPDX-License-Identifier: Apache-2.0
# Measures a hypervisor: as an image, and from the same source as a Linux program, which is also the /init of a Linux
# guest and therefore static.
pvbench_directory := images/pvbench
pvbench_common := balloon.cpp boot.cpp catalogue.cpp clock.cpp cpu.cpp disk.cpp json_writer.cpp main.cpp memory.cpp \
	network.cpp options.cpp peer.cpp processor.cpp statistics.cpp switches.cpp table.cpp virtio_features.cpp
pvbench_sources := $(pvbench_common) system_tenon.cpp
pvbench_features := console net rng balloon agent blk
pvbench_files :=
pvbench_flags := -I. $(GUEST_WARNINGS)
$(eval $(call tenon_image,pvbench))

pvbench_linux_sources := $(addprefix images/pvbench/,$(pvbench_common) interface_option.cpp start_linux.cpp \
	system_linux.cpp)
pvbench_linux_objects := $(patsubst %.cpp,$(BUILD)/pvbench-linux.obj/%.o,$(pvbench_linux_sources))
$(BUILD)/pvbench-linux.obj/%.o: %.cpp images/pvbench/image.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) $(GUEST_WARNINGS) -I. -c $< -o $@
$(eval $(call record,$(BUILD)/pvbench-linux.obj/linked,$(pvbench_linux_objects)))
$(BUILD)/pvbench-linux: $(pvbench_linux_objects) $(BUILD)/pvbench-linux.obj/linked
	$(call say,LINK,$@)
	$(Q)$(host_cxx) -static $(pvbench_linux_objects) -o $@
-include $(pvbench_linux_objects:.o=.d)
