# SPDX-License-Identifier: Apache-2.0
# The lost-write hammer: an image of its own, for a machine that does nothing else.
hammer_directory := tests/hammer
hammer_sources := $(patsubst tests/hammer/%,%,$(wildcard tests/hammer/*.cpp))
hammer_features := console balloon
hammer_files :=
hammer_flags := -I. $(GUEST_WARNINGS)
$(eval $(call tenon_image,hammer))
