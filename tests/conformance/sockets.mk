# SPDX-License-Identifier: Apache-2.0
sockets_directory := tests/conformance/sockets
sockets_sources := $(notdir $(wildcard tests/conformance/sockets/*.cpp))
sockets_features := console net
sockets_files :=
$(eval $(call tenon_image,sockets))

# The same program for Linux.
LINUX_SOCKETS := $(BUILD)/tests/sockets
$(LINUX_SOCKETS): $(addprefix $(sockets_directory)/,$(sockets_sources)) $(wildcard $(sockets_directory)/*.h) | $(SETUP)
	$(call say,CXX,$@)
	$(Q)mkdir -p $(@D) && $(CXX) -std=c++23 -O1 -static -w -I. $(filter %.cpp,$^) -o $@
TEST_PROGRAMS += $(LINUX_SOCKETS)
