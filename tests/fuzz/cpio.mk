# SPDX-License-Identifier: Apache-2.0
fuzz_cpio := kernel/fs/cpio.cpp
