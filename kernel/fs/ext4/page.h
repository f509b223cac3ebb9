// SPDX-License-Identifier: Apache-2.0
// A block of a file's contents in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/base/intrusive_list.h"

namespace tenon::ext4 {

class File;
struct CleanTag;
struct DirtyTag;

/// One block of the file system. It is clean (in the volume's list), dirty (in the file's), or busy (in none).
struct Page : ListLink<CleanTag>, ListLink<DirtyTag> {
    File* file;
    std::uint64_t index;
    std::byte* data;
    bool is_dirty = false;
    bool is_read = false;      ///< being read: nobody may use it
    bool is_written = false;   ///< being written: it may be used, and changed, but stays
    bool is_reserved = false;  ///< it has no block on the disk yet, for which there is room
    [[nodiscard]] bool is_busy() const { return is_read || is_written; }
};

}  // namespace tenon::ext4
