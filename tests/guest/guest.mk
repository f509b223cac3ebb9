# SPDX-License-Identifier: Apache-2.0
# The kernel's own tests, as an image that runs them inside the guest.
guest-tests_directory := tests/guest
guest-tests_sources := $(patsubst tests/guest/%,%,$(wildcard tests/guest/*.cpp tests/guest/*/*.cpp))
guest-tests_features := console net rng balloon blk tmpfs
guest-tests_files := $(wildcard tests/guest/files)
guest-tests_flags := -I. $(GUEST_WARNINGS)
$(eval $(call tenon_image,guest-tests))
