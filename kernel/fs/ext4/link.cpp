// SPDX-License-Identifier: Apache-2.0
// A symbolic link on the disk.
#include "kernel/fs/ext4/link.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "kernel/fs/ext4/volume.h"

namespace tenon::ext4 {

Outcome<std::size_t> Link::read_link(std::span<char> buffer) {
    const std::lock_guard guard(volume().mutex());
    const std::uint64_t length = record().size();
    if (length == 0 || length >= volume().block_size()) return fail_with(EIO);
    const std::size_t size = std::min<std::size_t>(buffer.size(), length);
    touch_accessed();
    if (!record().has_extents() && is_short(length)) {
        std::memcpy(buffer.data(), record().block, size);
        return size;
    }
    TRY(const Extent extent, volume().format().map(index(), record(), 0));
    if (!extent.is_mapped) return fail_with(EIO);
    CHECK(volume().read(extent.physical * volume().block_size(), std::as_writable_bytes(buffer.first(size))));
    return size;
}

/// A long target's block is logged like metadata, as Linux does it.
Outcome<> Link::set_target(Volume& volume, std::uint32_t number, InodeRecord& record, std::string_view target) {
    record.set_size(target.size());
    if (is_short(target.size())) {
        target.copy(reinterpret_cast<char*>(record.block), sizeof record.block);
        return volume.format().write_inode(number, record);
    }
    if (volume.format().has_extents()) record.flags |= InodeRecord::extents_flag;
    CHECK(volume.format().make_tree(number, record));
    TRY(const BlockRange block, volume.format().allocate(volume.format().goal(number, record, 0), 1));
    CHECK(volume.format().insert(number, record, 0, block));
    const std::uint64_t begin = block.first * volume.block_size();
    CHECK(volume.write_zeros(block.first));
    return volume.write(begin, std::as_bytes(std::span(target)));
}

}  // namespace tenon::ext4
