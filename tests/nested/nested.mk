# SPDX-License-Identifier: Apache-2.0
# Another hypervisor on KVM, of hv's parts: what it does differently is that it does not do as hv does.
KVM_MONITOR := $(BUILD)/tests/kvm_monitor
TEST_PROGRAMS += $(KVM_MONITOR)

monitor_objects := $(filter $(HV_OBJECTS)/hv/core/% $(HV_OBJECTS)/hv/image/%,$(hv_object_files)) \
	$(patsubst %,$(HV_OBJECTS)/hv/%.o,machine/memory_layout accel/kvm/guest_ram accel/kvm/kvm_device accel/kvm/uart accel/kvm/vcpu)

$(KVM_MONITOR): tests/nested/monitor.cpp $(monitor_objects) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(filter-out -MMD -MP,$(hv_cxxflags)) $(hv_ldflags) -o $@ $^ $(hv_libraries)
