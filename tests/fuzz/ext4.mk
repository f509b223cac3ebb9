# SPDX-License-Identifier: Apache-2.0
fuzz_ext4 := $(ext4_core) tests/crash/host_kernel.cpp
fuzz_libraries_ext4 := $(FUZZ_OBJECTS)/libext2fs.a
