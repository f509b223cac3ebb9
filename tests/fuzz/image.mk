# SPDX-License-Identifier: Apache-2.0
fuzz_image := hv/image/image.cpp hv/image/store.cpp hv/image/store_directory.cpp hv/image/symbols.cpp \
	hv/core/memory_file.cpp hv/core/marked_directory.cpp
fuzz_libraries_image := -lmd
