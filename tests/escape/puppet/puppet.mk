# SPDX-License-Identifier: Apache-2.0
# hv in the hands of a guest that has taken it over.
PUPPET := $(BUILD)/tests/puppet
TEST_PROGRAMS += $(PUPPET)
puppet_objects := $(patsubst %.cpp,$(BUILD)/tests/puppet-obj/%.o,$(wildcard tests/escape/puppet/*.cpp))

$(PUPPET): $(puppet_objects) tests/escape/puppet/puppet.mk $(host_rules)
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(host_cxx) -static -o $@ $(puppet_objects)

$(BUILD)/tests/puppet-obj/%.o: %.cpp tests/escape/puppet/puppet.mk $(host_rules) | $(SETUP)
	$(call say,CXX,$<)
	$(Q)mkdir -p $(@D) && $(host_cxx) $(host_cxxflags) -I. -MF $(@:.o=.d) -c -o $@ $<

-include $(puppet_objects:.o=.d)
