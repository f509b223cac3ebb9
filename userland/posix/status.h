// SPDX-License-Identifier: Apache-2.0
// File status.
#pragma once

#include <sys/stat.h>

#include <cstddef>

#include "kernel/fs/file_system.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

inline constexpr ino_t first_device_inode = 2;
inline constexpr ino_t console_inode = first_device_inode;
inline constexpr ino_t inode_of_others = 15;  ///< disks, sockets

/// Linux's encoding and numbers.
constexpr dev_t device_number(unsigned major, unsigned minor) { return major << 8 | minor; }
inline constexpr dev_t console_number = device_number(5, 1);
inline constexpr mode_t character_device = S_IFCHR | 0666;

/// Of what is no file of a file system, or a device.
inline struct stat make_status(mode_t mode, ino_t inode) {
    struct stat status = {};
    status.st_dev = devices_number;
    status.st_ino = inode;
    status.st_mode = mode;
    status.st_nlink = 1;
    status.st_blksize = 4096;
    return status;
}

inline Outcome<> status_of(Inode& inode, struct stat& status) {
    CHECK(inode.status(status));
    status.st_dev = inode.file_system().number();
    status.st_blksize = 4096;
    return {};
}

}  // namespace tenon::posix
