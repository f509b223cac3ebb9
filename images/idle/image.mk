# SPDX-License-Identifier: Apache-2.0
# A machine that does nothing: what memory and CPU time a machine costs by itself.
idle_directory := images/idle
idle_sources := main.c
idle_features := balloon
idle_files :=
$(eval $(call tenon_image,idle))
