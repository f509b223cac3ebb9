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

/// Keeps the file open and locked as long as it lives: exclusively for a writer, shared among readers. The lock is one
/// of flock(2), which the kernel releases however hv ends.
struct DiskImage {
    std::string path;
    FileDescriptor file;
    /// A second open file, which holds the lock. io_uring keeps the first one open for some time after hv has ended,
    /// and would keep the next machine from getting the lock.
    FileDescriptor lock;
    std::uint64_t size;        ///< bytes, a multiple of block_size, not 0
    std::uint32_t block_size;  ///< smallest efficient unit: 512, or the block device's own
    std::uint32_t
        physical_size;  ///< unit that the storage writes without reading first; block_size times a power of two
    bool read_only;
    bool discards;  ///< its file system can punch holes

    /// Errors: not_found, no_permission, in_use (another machine has it), usage (neither file nor block device, empty,
    /// not whole sectors).
    static Result<DiskImage> open(const std::string& path, bool read_only);
    /// The size that the file has now. Works in a confined hv. Errors: usage (not whole blocks, empty), internal.
    [[nodiscard]] Result<std::uint64_t> present_size() const;
};

}  // namespace hv
