# SPDX-License-Identifier: Apache-2.0
# The pv accelerator: the stub that becomes the guest process is a program of its own, carried inside hv.

pv_out := $(build)/obj/hv/accel/pv/stub
pv_stub := $(pv_out)/stub

# Freestanding, position-independent so that it needs no large code model at 2 TiB, and without data (stub.ld).
pv_stub_cxxflags := -std=c++23 -Os -ffreestanding -fno-exceptions -fno-rtti -fno-stack-protector -fPIE \
    -fcf-protection=none -fno-asynchronous-unwind-tables $(hv_warnings) -I. -MMD -MP

pv_rules := hv/accel/pv/pv.mk $(pv_out)/flags
$(eval $(call record,$(pv_out)/flags,$(hv_cxx) $(pv_stub_cxxflags)))

$(pv_out)/%.o: hv/accel/pv/stub/%.cpp $(pv_rules) | $(SETUP)
	@mkdir -p $(@D)
	$(hv_cxx) $(pv_stub_cxxflags) -c -o $@ $<

$(pv_out)/%.o: hv/accel/pv/stub/%.S $(pv_rules) | $(SETUP)
	@mkdir -p $(@D)
	$(hv_cxx) -I. -MMD -MP -c -o $@ $<

$(pv_stub): $(pv_out)/stub.o $(pv_out)/leave.o hv/accel/pv/stub/stub.ld $(pv_rules)
	ld -static -nostdlib --no-relax -z max-page-size=4096 -z noseparate-code -T hv/accel/pv/stub/stub.ld -s \
	    -o $@ $(pv_out)/stub.o $(pv_out)/leave.o

$(pv_out)/stub_image.o: hv/accel/pv/stub_image.S $(pv_stub) $(pv_rules)
	$(hv_cxx) -DHV_PV_STUB='"$(pv_stub)"' -c -o $@ $<

hv_sources += $(wildcard hv/accel/pv/*.cpp)
hv_extra_objects += $(pv_out)/stub_image.o
# SHA-256 of images, once for each. libmd's is slower (350 MB/s) than nettle's or OpenSSL's, but those ask the processor
# for its features before main(), at 12 us in a virtual machine, in every start.
hv_libraries += -lmd

-include $(pv_out)/stub.d $(pv_out)/leave.d $(confine_generator).d

# hv's own seccomp filters, made by libseccomp when hv is built.
confine_generator := $(build)/obj/hv/core/generate/confine_filter
hv_extra_objects += $(confine_generator).gen.o

$(confine_generator): hv/core/generate/confine_filter.cpp $(pv_rules) | $(SETUP)
	@mkdir -p $(@D)
	$(hv_cxx) -std=c++23 -O1 $(hv_warnings) -I. -MMD -MP -MF $@.d -o $@ $< -lseccomp

$(confine_generator).gen.cpp: $(confine_generator)
	$< >$@

$(confine_generator).gen.o: $(confine_generator).gen.cpp $(pv_rules)
	$(hv_cxx) -std=c++23 -O2 -I. -c -o $@ $<
