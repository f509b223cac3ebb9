# SPDX-License-Identifier: Apache-2.0
# hv and hv-slirp under the sanitizers of the unit tests, for machines with real guests: tests/system/sanitized.sh.
#
# A confined process may not do what the sanitizers' run-time libraries need. So unconfined.cpp takes the place of
# hv/core/confine.cpp and hv/core/landlock.cpp, and unconfined_helper.cpp that of hv/devices/slirp/confine.cpp: the
# choice is made by the linker, and hv itself has no switch for it. Use these programs for tests only.

SANITIZED := $(BUILD)/tests/sanitized
sanitized_object = $(patsubst %.cpp,$(UNIT_OBJECTS)/%.o,$(1))
sanitized_hv_objects := $(call sanitized_object,tests/sanitized/unconfined.cpp \
	$(sort $(filter-out hv/core/confine.cpp hv/core/landlock.cpp,$(filter %.cpp,$(hv_sources)))))
sanitized_slirp_objects := $(call sanitized_object,tests/sanitized/unconfined_helper.cpp hv/core/format.cpp \
	$(filter-out hv/devices/slirp/confine.cpp,$(slirp_sources)))
# Of libstdc++ as in hv, and liburing, for the reasons that tests/unit/hv/sources.mk has.
sanitized_hv_libraries := -static-libstdc++ $(patsubst -luring,-l:liburing.a,$(hv_libraries))

TEST_PROGRAMS += $(SANITIZED)/hv $(SANITIZED)/hv-slirp

$(eval $(call record,$(SANITIZED)/hv.list,$(sanitized_hv_objects) $(hv_extra_objects) $(sanitized_hv_libraries)))
$(SANITIZED)/hv: $(sanitized_hv_objects) $(hv_extra_objects) $(SANITIZED)/hv.list $(unit_rules)
	$(call say,LD,$@)
	$(Q)$(host_cxx) $(unit_sanitizers) -o $@ $(filter %.o,$^) $(sanitized_hv_libraries)

$(eval $(call record,$(SANITIZED)/hv-slirp.list,$(sanitized_slirp_objects) $(slirp_libraries)))
$(SANITIZED)/hv-slirp: $(sanitized_slirp_objects) $(SANITIZED)/hv-slirp.list $(unit_rules)
	$(call say,LD,$@)
	$(Q)$(host_cxx) $(unit_sanitizers) -o $@ $(filter %.o,$^) $(slirp_libraries)

# Those of the unit tests are included already.
-include $(filter-out $(unit_object_files:.o=.d),$(patsubst %.o,%.d,$(sort $(sanitized_hv_objects) \
	$(sanitized_slirp_objects))))
