// SPDX-License-Identifier: Apache-2.0
// File status.
#pragma once

#include <sys/stat.h>

#include <cstddef>

#include "userland/posix/path.h"

namespace tenon::posix {

inline constexpr ino_t inode_of_root = 1;
inline constexpr ino_t first_device_inode = 2;
inline constexpr ino_t console_inode = first_device_inode;
inline constexpr ino_t inode_of_others = 15;  ///< disks, sockets
inline constexpr ino_t first_archive_inode = 16;

/// Linux's encoding and numbers.
constexpr dev_t device_number(unsigned major, unsigned minor) { return major << 8 | minor; }
inline constexpr dev_t console_number = device_number(5, 1);
inline constexpr mode_t character_device = S_IFCHR | 0666;

inline struct stat make_status(mode_t mode, std::size_t size, ino_t inode, time_t modified = 0) {
    struct stat status = {};
    status.st_dev = 1;
    status.st_ino = inode;
    status.st_mode = mode;
    status.st_nlink = 1;
    status.st_size = static_cast<off_t>(size);
    status.st_blksize = 4096;
    status.st_blocks = static_cast<blkcnt_t>((size + 511) / 512);
    status.st_atim.tv_sec = status.st_mtim.tv_sec = status.st_ctim.tv_sec = modified;
    return status;
}

inline struct stat status_of(const Node& node) {
    struct stat status = make_status(node.mode, node.data.size(), node.inode, node.modified);
    status.st_rdev = node.device;
    return status;
}

}  // namespace tenon::posix
