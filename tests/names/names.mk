# SPDX-License-Identifier: Apache-2.0
# A guest that looks names up.
names_directory := tests/names
names_sources := main.cpp
names_features := console net
names_files :=
$(eval $(call tenon_image,names))
