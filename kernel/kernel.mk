# SPDX-License-Identifier: Apache-2.0
# What runs in the guest, as static archives under build/guest: an image takes from them what it names or calls.

GUEST := $(BUILD)/guest
GUEST_WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror

# The kernel includes headers of the C and C++ libraries, but not those that only programs have: sockets, <tenon/...>.
without_programs_headers = $(filter-out -I$(TENON_ROOT)/userland/include,$(1))
# The kernel throws nothing and no exception passes through it; its backtraces follow frame pointers.
kernel_code = $(GUEST_WARNINGS) -I. -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer \
	-D__throw_out_of_range_fmt=__tenon_out_of_range -D__throw_length_error=__tenon_length_error
KERNEL_CXXFLAGS = $(call without_programs_headers,$(GUEST_CXXFLAGS)) $(kernel_code)
# The C library's glue throws nothing either, and must not pull the unwinder into an image in C. Functions through which
# programs' exceptions pass are compiled with unwind tables.
userland_throwing := userland/pthread/once.cpp userland/libc/terminate.cpp userland/libc/filesystem_space.cpp
USERLAND_CXXFLAGS = $(GUEST_CXXFLAGS) $(GUEST_WARNINGS) -I. -fno-omit-frame-pointer \
	$(if $(filter $(userland_throwing),$<),,-fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables)
# System calls call nothing of the program's: without landing pads, a program in C does not need libstdc++'s unwinder.
no_unwinding := userland/posix/% userland/start/%
# Code that runs once, when a machine or a thread starts, and code for several vCPUs are compiled for size: every image
# carries them for all kinds of machines.
run_once := kernel/acpi/% kernel/net/sntp/% kernel/pci/% kernel/boot/% kernel/fs/% kernel/lifecycle/% kernel/options/% \
	kernel/reclaim/% kernel/base/format.cpp kernel/base/number.cpp kernel/trap/panic.cpp \
	kernel/console/%.cpp kernel/entropy/random.cpp kernel/sched/thread_memory.cpp \
	$(patsubst %,kernel/platform/hv/%.cpp,hv_machine hypercall) kernel/trap/trap.cpp \
	$(patsubst %,kernel/sched/%.cpp,several_vcpus alone stack_cache thread thread_times) \
	kernel/time/other_vcpus.cpp kernel/trap/spin_lock.cpp \
	$(patsubst %,userland/posix/%.cpp,absent_calls attribute_calls block_file descriptors device_directory device_file \
		directory_calls file_system_calls inode_file name_calls open_calls path path_calls process_calls signal_calls \
		status_calls net/address_info net/ip_options net/socket_options net/tcp_options) \
	$(patsubst %,kernel/net/%.cpp,address_option information network) \
	pv-drivers/virtio/driver.cpp pv-drivers/virtio/device.cpp pv-drivers/virtio/transport/%.cpp \
	$(patsubst %,kernel/mm/%.cpp,init memory_plan) kernel/arch/x86_64/page_tables.cpp \
	$(patsubst %,kernel/platform/hvm/%.cpp,acpi_power address_space boot_information command_line_devices crash_text \
		descriptor_tables device_options device_search entry foreign_platform hypervisor interrupt_lines kvm_clock \
		other_vcpus kvm_platform local_apic machine mmio_machine pci_machine processor real_time_clock tsc_clock uart)
kernel_code += $(if $(filter $(run_once),$<),-Os)
guest_objects = $(patsubst %,$(GUEST)/obj/%.o,$(1))

# The core: in every image, as far as it is used.
core_sources := $(wildcard kernel/acpi/*.cpp kernel/pci/*.cpp kernel/arch/x86_64/*.S kernel/arch/x86_64/*.cpp \
	kernel/base/*.cpp kernel/boot/*.cpp kernel/console/*.cpp kernel/device/*.cpp kernel/entropy/*.cpp kernel/fs/*.cpp \
	kernel/lifecycle/*.cpp kernel/mm/*.cpp kernel/options/*.cpp kernel/reclaim/*.cpp kernel/sched/*.cpp kernel/time/*.cpp \
	kernel/trap/*.cpp kernel/platform/hv/*.cpp kernel/platform/pv/*.S kernel/platform/pv/*.cpp \
	kernel/platform/hvm/*.S kernel/platform/hvm/*.cpp pv-drivers/virtio/*.cpp pv-drivers/virtio/transport/*.cpp)
# What is declared and cannot be had: in an image only where it is asked for (toolchain/compiler.sh, images/rules.mk).
# Weak, so that a program may have its own function of such a name.
absent_sources := userland/posix/absent_calls.cpp
userland_sources := $(filter-out userland/posix/block_file.cpp $(absent_sources), \
	$(wildcard userland/libc/*.cpp userland/pthread/*.cpp userland/posix/*.cpp userland/start/*.cpp))

# Features: linked whole into the images that name them.
feature_console := $(wildcard pv-drivers/console/*.cpp)
feature_rng := $(wildcard pv-drivers/rng/*.cpp)
feature_balloon := $(wildcard balloon/*.cpp)
# Disks, and the partitions on them.
feature_blk := $(wildcard pv-drivers/blk/*.cpp kernel/partition/*.cpp) userland/posix/block_file.cpp
feature_net := $(wildcard pv-drivers/net/*.cpp kernel/net/*.cpp kernel/net/tcp/*.cpp)
# Asks time servers.
feature_sntp := $(wildcard kernel/net/sntp/*.cpp)
# Files in RAM.
feature_tmpfs := $(wildcard kernel/fs/tmpfs/*.cpp)
# Files on disks that Linux shares.
feature_ext4 := $(wildcard kernel/fs/ext4/*.cpp kernel/fs/ext4/ext2fs/*.cpp)
feature_agent := $(wildcard tools-agent/*.cpp tools-agent/commands/*.cpp)

# Another rule, another flag or another library: other objects.
guest_rules := kernel/kernel.mk setup/guest-flags.mk $(GUEST)/flags $(SYSROOT_STAMPS)

# Other projects' libraries, and the socket functions above them: taken as far as they are used.
include kernel/net/net.mk userland/posix/net/cares.mk kernel/fs/ext4/ext2fs.mk
# Sockets of IP and of AF_UNIX.
net_userland_sources := $(wildcard userland/posix/net/*.cpp userland/posix/local/*.cpp)

# Which flags a source has depends on the lists of sources too.
$(eval $(call record,$(GUEST)/flags,$$(GUEST_CC) $$(GUEST_CXX) $$(GUEST_ASFLAGS) $$(KERNEL_CXXFLAGS) \
	$$(USERLAND_CXXFLAGS) \
	$$(LWIP_CFLAGS) $$(CARES_CFLAGS) $$(EXT2FS_CFLAGS) $$(run_once) $$(no_unwinding) $$(userland_throwing)))

$(GUEST)/obj/kernel/%.S.o: kernel/%.S $(guest_rules) | $(SETUP)
	$(call say,AS,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CC) $(GUEST_ASFLAGS) -I. -MMD -MP -c $< -o $@

$(GUEST)/obj/kernel/%.cpp.o: kernel/%.cpp $(guest_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) $(KERNEL_CXXFLAGS) $(if $(filter kernel/net/%,$<),$(LWIP_INCLUDES)) \
		$(if $(filter kernel/fs/ext4/%,$<),$(EXT2FS_INCLUDES)) \
		-MMD -MP -c $< -o $@

$(GUEST)/obj/pv-drivers/%.cpp.o: pv-drivers/%.cpp $(guest_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) $(KERNEL_CXXFLAGS) -MMD -MP -c $< -o $@

$(GUEST)/obj/balloon/%.cpp.o: balloon/%.cpp $(guest_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) $(KERNEL_CXXFLAGS) -MMD -MP -c $< -o $@

$(GUEST)/obj/userland/%.cpp.o: userland/%.cpp $(guest_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) \
		$(if $(filter $(no_unwinding),$<),$(GUEST_CXXFLAGS) $(kernel_code),$(USERLAND_CXXFLAGS)) \
		$(if $(filter userland/posix/net/%,$<),$(LWIP_INCLUDES) $(CARES_INCLUDES)) -MMD -MP -c $< -o $@ \
		$(if $(filter $(absent_sources),$<),&& objcopy $$(nm -g --defined-only $@ | sed 's/.* /--weaken-symbol=/') $@)

# The agent is compiled as a program is: exceptions end at its own thread. Its speed does not matter, its size does.
$(GUEST)/obj/tools-agent/%.cpp.o: tools-agent/%.cpp $(guest_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(GUEST_CXX) $(GUEST_CXXFLAGS) -Os $(GUEST_WARNINGS) -I. -fno-omit-frame-pointer \
		-MMD -MP -c $< -o $@

# An archive is made anew, also when a source was removed, so that its object does not linger.
define archive
$(call record,$(GUEST)/$(1).list,$$(GUEST_AR) $(2))
$(GUEST)/$(1): $(GUEST)/$(1).list $(2)
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(GUEST_AR) rcs $$@ $(2)
GUEST_ARCHIVES += $(GUEST)/$(1)
guest_dependencies += $(2:.o=.d)
endef
GUEST_ARCHIVES :=
guest_dependencies :=
$(eval $(call archive,libtenon.a,$(call guest_objects,$(core_sources))))
$(eval $(call archive,libtenon-userland.a,$(call guest_objects,$(userland_sources))))
$(eval $(call archive,libtenon-stubs.a,$(call guest_objects,$(absent_sources))))
$(eval $(call archive,libtenon-sockets.a,$(call guest_objects,$(net_userland_sources))))
$(eval $(call archive,libtenon-without-net.a,$(call guest_objects,$(wildcard userland/posix/without_net/*.cpp))))
$(eval $(call archive,liblwip.a,$(LWIP_OBJECTS)))
$(eval $(call archive,libcares.a,$(CARES_OBJECTS)))
$(eval $(call archive,libext2fs.a,$(EXT2FS_OBJECTS)))
$(foreach feature,$(IMAGE_FEATURES),$(eval \
	$(call archive,libfeature-$(feature).a,$(call guest_objects,$(feature_$(feature))))))

.PHONY: guest-libraries
guest-libraries: $(GUEST_ARCHIVES) $(GUEST)/ext2fs-source.tar.gz
	@:

-include $(guest_dependencies)
