// SPDX-License-Identifier: Apache-2.0
// A raw disk image: a file or a block device of the host, checked and locked.
#pragma once

#include <cstdint>
#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// virtio's unit of capacity and of request offsets, whatever the disk's own block size is (virtio 1.2, section 5.2.4).
inline constexpr std::uint64_t disk_sector = 512;

/// Open and locked as long as it lives: exclusively for a writer, shared among readers. The lock is flock(2)'s, so it
/// ends with hv, however hv ends.
struct DiskImage {
    std::string path;
    FileDescriptor file;
    /// A second opening, which holds the lock: the first is registered with io_uring, which lets go of it some time
    /// after hv has ended, and the next machine should not have to wait for that.
    FileDescriptor lock;
    std::uint64_t size;           ///< bytes, a multiple of block_size, not 0
    std::uint32_t block_size;     ///< smallest unit that should be asked for: 512, or a block device's own
    std::uint32_t physical_size;  ///< unit that the storage writes without reading first; a power of two of block_size
    bool read_only;
    bool discards;  ///< its file system takes holes

    /// Errors: not_found, no_permission, in_use (another machine has it), usage (neither file nor block device, empty,
    /// not whole sectors).
    static Result<DiskImage> open(const std::string& path, bool read_only);
};

}  // namespace hv
