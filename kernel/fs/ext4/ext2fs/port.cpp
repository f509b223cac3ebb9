// SPDX-License-Identifier: Apache-2.0
// What libext2fs calls of its own files that are not compiled, because they are under the GPL.
#include "kernel/fs/ext4/ext2fs/library.h"

// Without a file system the library frees the buffer of zeros that its own version keeps.
extern "C" errcode_t ext2fs_zero_blocks2(ext2_filsys fs, blk64_t block, int count, blk64_t* failed, int* failed_count) {
    if (fs == nullptr || count <= 0) return 0;
    const errcode_t error = io_channel_zeroout(fs->io, block, static_cast<unsigned long long>(count));
    if (error != 0 && failed != nullptr) *failed = block;
    if (error != 0 && failed_count != nullptr) *failed_count = count;
    return error;
}

// Rules of folding names, for the feature casefold, with which no file system is mounted.
extern "C" const ext2fs_nls_table* ext2fs_load_nls_table(int /*encoding*/) { return nullptr; }

// Names of encrypted files, likewise.
extern "C" void ext2fs_sha512(const unsigned char* /*input*/, unsigned long /*size*/, unsigned char* /*digest*/) {}
