# SPDX-License-Identifier: Apache-2.0
fuzz_image := hv/image/image.cpp hv/image/store.cpp hv/image/symbols.cpp hv/core/memory_file.cpp
fuzz_libraries_image := -lmd
# std::expected needs destructors with constraints, which clang has from version 16.
$(BUILD)/tests/fuzz/image: fuzz_cxx := clang++-16 -std=c++2b -D__cpp_concepts=202002L -Wno-macro-redefined
