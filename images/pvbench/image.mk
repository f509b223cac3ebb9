# SPDX-License-Identifier: Apache-2.0
# Measures a hypervisor: as an image, and from the same source as a Linux program, which is also the /init of a Linux
# guest and therefore static.
pvbench_directory := images/pvbench
pvbench_common := balloon.cpp boot.cpp catalogue.cpp clock.cpp cpu.cpp disk.cpp json_writer.cpp main.cpp memory.cpp \
	network.cpp options.cpp peer.cpp processor.cpp statistics.cpp switches.cpp system.cpp table.cpp \
	virtio_features.cpp
pvbench_sources := $(pvbench_common) system_tenon.cpp
pvbench_features := console net rng balloon agent blk
pvbench_files :=
pvbench_flags := -I. $(GUEST_WARNINGS)
$(eval $(call tenon_image,pvbench))

pvbench_linux_sources := $(addprefix images/pvbench/,$(pvbench_common) interface_option.cpp report_command_linux.cpp \
	start_linux.cpp system_linux.cpp)
# Reading and comparing results is the Linux program's part, with hv's JSON.
pvbench_linux_sources += $(wildcard images/pvbench/report/*.cpp) \
	$(addprefix hv/core/,format.cpp json_section.cpp json_text.cpp printable.cpp text_file.cpp)
pvbench_linux_objects := $(patsubst %.cpp,$(BUILD)/pvbench-linux.obj/%.o,$(pvbench_linux_sources))
$(BUILD)/pvbench-linux.obj/%.o: %.cpp images/pvbench/image.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) $(GUEST_WARNINGS) -I. -c $< -o $@
$(eval $(call record,$(BUILD)/pvbench-linux.obj/linked,$(pvbench_linux_objects)))
$(BUILD)/pvbench-linux: $(pvbench_linux_objects) $(BUILD)/pvbench-linux.obj/linked
	$(call say,LINK,$@)
	$(Q)$(host_cxx) -static $(pvbench_linux_objects) -o $@
-include $(pvbench_linux_objects:.o=.d)

pvbench_platforms := hv nested-setup $(image_output)/pvbench.elf $(BUILD)/pvbench-linux
.PHONY: pvbench
pvbench: $(pvbench_platforms) ## compare the hypervisors and guests of this machine: build/pvbench/report.html
	$(Q)images/pvbench/run.sh
