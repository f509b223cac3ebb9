# SPDX-License-Identifier: Apache-2.0
# Another hypervisor on KVM, made of hv's parts, without hv's ABI.
KVM_MONITOR := $(BUILD)/tests/kvm_monitor
TEST_PROGRAMS += $(KVM_MONITOR)

monitor_objects := $(filter $(HV_OBJECTS)/hv/core/% $(HV_OBJECTS)/hv/image/%,$(hv_object_files)) \
	$(patsubst %,$(HV_OBJECTS)/hv/%.o,guest/memory_layout accel/kvm/guest_ram accel/kvm/kvm_device accel/kvm/uart \
	accel/kvm/vcpu)

$(KVM_MONITOR): tests/nested/monitor.cpp $(monitor_objects) tests/nested/nested.mk $(hv_rules) $(HV_OBJECTS)/hv.list \
	| $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(hv_cxx) $(hv_cxxflags) -MF $@.d $(hv_ldflags) -o $@ $(filter %.cpp %.o,$^) $(hv_libraries)

-include $(KVM_MONITOR).d
