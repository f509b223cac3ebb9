# SPDX-License-Identifier: Apache-2.0
# The kernel's scheduler, timers and locks on a machine whose vCPUs are threads of the host: the tests of several vCPUs.
VCPUS_OBJECTS := $(BUILD)/tests/vcpus-obj
# The kernel switches stacks, which the sanitizers do not follow. A signal's frame leaves the red zone alone.
vcpus_cxxflags := -std=c++23 -O2 -g -Wall -Wextra -Wconversion -Wshadow -Wold-style-cast -Werror \
	-fno-omit-frame-pointer -I. -MMD -MP
vcpus_rules := tests/vcpus/vcpus.mk $(VCPUS_OBJECTS)/flags
$(eval $(call record,$(VCPUS_OBJECTS)/flags,$(host_cxx) $(vcpus_cxxflags)))
vcpus_sources := $(wildcard tests/vcpus/*.cpp) tests/guest/vcpus.cpp \
	$(patsubst %,kernel/boot/%.cpp,other_vcpus prepare_cpu) \
	$(patsubst %,kernel/sched/%.cpp,scheduler several_vcpus thread thread_times wait alone) \
	$(patsubst %,kernel/time/%.cpp,timer_queue other_vcpus clock) \
	kernel/trap/interrupts.cpp kernel/trap/spin_lock.cpp kernel/arch/x86_64/context.S
vcpus_objects := $(patsubst %,$(VCPUS_OBJECTS)/%.o,$(vcpus_sources))
$(eval $(call record,$(VCPUS_OBJECTS)/vcpus.list,$(vcpus_objects)))

TEST_PROGRAMS += $(BUILD)/tests/vcpus
$(BUILD)/tests/vcpus: $(vcpus_objects) $(VCPUS_OBJECTS)/vcpus.list $(vcpus_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) -no-pie -o $@ $(vcpus_objects) -lpthread

$(VCPUS_OBJECTS)/%.cpp.o: %.cpp $(vcpus_rules) | $(SETUP)
	$(call say,CXX,$< (vcpus))
	$(Q)mkdir -p $(@D) && $(host_cxx) $(vcpus_cxxflags) -fno-pie -c -o $@ $<

$(VCPUS_OBJECTS)/%.S.o: %.S $(vcpus_rules) | $(SETUP)
	$(call say,AS,$< (vcpus))
	$(Q)mkdir -p $(@D) && $(host_cxx) -I. -c -o $@ $<

-include $(patsubst %.o,%.d,$(vcpus_objects))
