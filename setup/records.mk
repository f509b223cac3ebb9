# SPDX-License-Identifier: Apache-2.0
# Files that record a text, as flags or the parts of a program: what is made from one depends on it, and is made anew
# when the text becomes another.
#
#   $(eval $(call record,FILE,TEXT))
#
# A text that is known only after set-up, such as flags that name the compiler's folder, is passed with $$
# ($$(GUEST_CFLAGS)): it is expanded when the file is written, and compared only with a file that is there.

# `FILES: $(made_by) TARGET ;` says that TARGET may make FILES anew: make looks at their times again after it. When make
# only says what it would do (-n, -q), it would take the empty recipe itself for a change.
only_says := $(filter-out --%,$(firstword -$(MAKEFLAGS)))
made_by := $(if $(findstring n,$(only_says))$(findstring q,$(only_says)),|)

define record
$(1): | $(SETUP)
	$$(Q)mkdir -p $$(@D) && printf '%s\n' '$$(subst ','\'',$$(strip $(2)))' > $$@
ifneq ($$(wildcard $(1)),)
ifneq ($$(strip $$(file < $(1))),$$(strip $(2)))
.PHONY: $(1)
endif
endif
endef
