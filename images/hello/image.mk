# SPDX-License-Identifier: Apache-2.0
# The smallest image: C, and the hypervisor's console.
hello_directory := images/hello
hello_sources := main.c
hello_features :=
hello_files :=
$(eval $(call tenon_image,hello))
