// SPDX-License-Identifier: Apache-2.0
// libext2fs, for the files of the format alone.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wsign-conversion"
extern "C" {
#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>
}
#pragma GCC diagnostic pop

#include "kernel/fs/ext4/inode_record.h"

namespace tenon::ext4 {

inline ext2_inode* library_inode(InodeRecord& record) { return reinterpret_cast<ext2_inode*>(&record); }
inline ext2_inode* library_inode(const InodeRecord& record) {
    return reinterpret_cast<ext2_inode*>(const_cast<InodeRecord*>(&record));
}

/// An open extent tree.
class ExtentHandle {
public:
    ExtentHandle(ext2_filsys library, std::uint32_t number, InodeRecord& record)
        : error_(ext2fs_extent_open2(library, number, library_inode(record), &handle_)) {}
    ExtentHandle(const ExtentHandle&) = delete;
    ExtentHandle& operator=(const ExtentHandle&) = delete;
    ~ExtentHandle() {
        if (handle_ != nullptr) ext2fs_extent_free(handle_);
    }
    [[nodiscard]] long error() const { return error_; }
    operator ext2_extent_handle_t() const { return handle_; }  // NOLINT(google-explicit-constructor)

private:
    ext2_extent_handle_t handle_ = nullptr;
    long error_;
};

}  // namespace tenon::ext4
