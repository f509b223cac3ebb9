# SPDX-License-Identifier: Apache-2.0
# Files that hold a list: what is made from one depends on it, and is made anew when the list becomes another, shorter ones too.
#
#   $(eval $(call list_file,FILE,LIST))

define list_file
$(1):
	$$(Q)mkdir -p $$(@D) && echo '$(strip $(2))' > $$@
ifneq ($$(strip $$(file < $(1))),$(strip $(2)))
.PHONY: $(1)
endif
endef
