# SPDX-License-Identifier: Apache-2.0
fuzz_image := $(addprefix hv/image/,image.cpp store.cpp store_directory.cpp symbols.cpp demangle.cpp) \
	$(addprefix hv/core/,memory_file.cpp marked_directory.cpp format.cpp)
fuzz_libraries_image := -lmd -static-libstdc++
