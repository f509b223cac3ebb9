// SPDX-License-Identifier: Apache-2.0
// Disks as files.
#include "userland/posix/block_file.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "kernel/device/block_io.h"
#include "userland/posix/position.h"
#include "userland/posix/status.h"

namespace tenon::posix {

Outcome<std::size_t> BlockFile::available(std::uint64_t offset, std::size_t size) const {
    const std::uint64_t mask = device_.block_size() - 1;
    if ((offset & mask) != 0 || (size & mask) != 0) return fail_with(EINVAL);
    if (offset >= device_.size()) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, device_.size() - offset));
}

Outcome<std::size_t> BlockFile::read_at(std::span<std::byte> buffer, off_t offset) {
    TRY(const std::size_t size, available(static_cast<std::uint64_t>(offset), buffer.size()));
    const auto done = read_blocks(device_, static_cast<std::uint64_t>(offset), buffer.first(size));
    if (!done) return fail_with(to_errno(done.error()));
    return size;
}

Outcome<std::size_t> BlockFile::write_at(std::span<const std::byte> data, off_t offset) {
    TRY(const std::size_t size, available(static_cast<std::uint64_t>(offset), data.size()));
    if (size == 0 && !data.empty()) return fail_with(ENOSPC);
    const auto done = write_blocks(device_, static_cast<std::uint64_t>(offset), data.first(size));
    if (!done) return fail_with(to_errno(done.error()));
    return size;
}

Outcome<BlockFile::Claim> BlockFile::claim(std::size_t size) {
    off_t position = position_.load();
    for (;;) {
        TRY(const std::size_t some, available(static_cast<std::uint64_t>(position), size));
        if (position_.compare_exchange_weak(position, position + static_cast<off_t>(some)))
            return Claim{position, some};
    }
}

Outcome<std::size_t> BlockFile::read(std::span<std::byte> buffer) {
    TRY(const Claim place, claim(buffer.size()));
    return read_at(buffer.first(place.size), place.offset);
}

Outcome<std::size_t> BlockFile::write(std::span<const std::byte> data) {
    TRY(const Claim place, claim(data.size()));
    if (place.size == 0 && !data.empty()) return fail_with(ENOSPC);
    return write_at(data.first(place.size), place.offset);
}

Outcome<off_t> BlockFile::seek(off_t offset, int whence) {
    return move_position(position_, static_cast<off_t>(device_.size()), offset, whence);
}

Outcome<> BlockFile::status(struct stat& status) {
    status = make_status(S_IFBLK | 0660, inode_of_others);
    status.st_blksize = static_cast<blksize_t>(device_.block_size());
    return {};
}

Outcome<int> BlockFile::control(unsigned long request, void* argument) {
    switch (request) {
        case BLKGETSIZE64: return give(argument, device_.size());
        case BLKSSZGET: return give(argument, static_cast<int>(device_.block_size()));
        case BLKROGET: return give(argument, device_.read_only() ? 1 : 0);
        default: return fail_with(ENOTTY);
    }
}

Outcome<> BlockFile::synchronise() {
    const auto done = flush_blocks(device_);
    if (!done) return fail_with(to_errno(done.error()));
    return {};
}

}  // namespace tenon::posix
