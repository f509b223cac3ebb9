// SPDX-License-Identifier: Apache-2.0
// Disks as files.
#include "userland/posix/block_file.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "kernel/device/block_io.h"
#include "kernel/device/block_transfer.h"
#include "userland/posix/position.h"
#include "userland/posix/status.h"

namespace tenon::posix {

namespace {

std::size_t total_of(std::span<const iovec> parts) {
    std::size_t total = 0;
    for (const iovec& part : parts) total += part.iov_len;
    return total;
}
iovec part_of(std::span<const std::byte> memory) {
    return {.iov_base = const_cast<std::byte*>(memory.data()), .iov_len = memory.size()};
}

struct Range {
    std::uint64_t offset, size;
};
Outcome<Range> range_at(const void* argument) {
    if (argument == nullptr) return fail_with(EFAULT);
    const auto* words = static_cast<const std::uint64_t*>(argument);
    return Range{words[0], words[1]};
}

}  // namespace

Outcome<std::size_t> BlockFile::available(std::uint64_t offset, std::size_t size) const {
    const std::uint64_t mask = device_.block_size() - 1;
    if ((offset & mask) != 0 || (size & mask) != 0) return fail_with(EINVAL);
    if (offset >= device_.size()) return 0;
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, device_.size() - offset));
}

Outcome<std::size_t> BlockFile::transfer(BlockOperation operation, std::span<const iovec> parts, std::size_t size,
                                         off_t offset) {
    constexpr std::size_t usual_parts = 8;
    std::array<BlockPart, usual_parts> few;
    std::unique_ptr<BlockPart[]> many;
    if (parts.size() > usual_parts) {
        many.reset(new (std::nothrow) BlockPart[parts.size()]);
        if (!many) return fail_with(ENOMEM);
    }
    const std::span list = many ? std::span(many.get(), parts.size()) : std::span(few).first(parts.size());
    std::size_t left = size;
    for (std::size_t i = 0; i != parts.size(); ++i) {
        list[i] = {parts[i].iov_base, std::min(parts[i].iov_len, left)};
        left -= list[i].size;
    }
    const auto done = transfer_blocks(device_, operation, static_cast<std::uint64_t>(offset), list);
    if (!done) return fail_with(to_errno(done.error()));
    if (operation == BlockOperation::write && (flags() & O_SYNC) != 0) CHECK(synchronise(true));
    return size;
}

Outcome<std::size_t> BlockFile::read_parts_at(std::span<const iovec> parts, off_t offset) {
    TRY(const std::size_t size, available(static_cast<std::uint64_t>(offset), total_of(parts)));
    return transfer(BlockOperation::read, parts, size, offset);
}

Outcome<std::size_t> BlockFile::write_parts_at(std::span<const iovec> parts, off_t offset) {
    const std::size_t total = total_of(parts);
    TRY(const std::size_t size, available(static_cast<std::uint64_t>(offset), total));
    if (size == 0 && total != 0) return fail_with(ENOSPC);
    return transfer(BlockOperation::write, parts, size, offset);
}

Outcome<std::size_t> BlockFile::read_at(std::span<std::byte> buffer, off_t offset) {
    const iovec part = part_of(buffer);
    return read_parts_at(std::span(&part, 1), offset);
}

Outcome<std::size_t> BlockFile::write_at(std::span<const std::byte> data, off_t offset) {
    const iovec part = part_of(data);
    return write_parts_at(std::span(&part, 1), offset);
}

Outcome<BlockFile::Claim> BlockFile::claim(std::size_t size) {
    off_t position = position_.load();
    for (;;) {
        TRY(const std::size_t some, available(static_cast<std::uint64_t>(position), size));
        if (position_.compare_exchange_weak(position, position + static_cast<off_t>(some)))
            return Claim{position, some};
    }
}

Outcome<std::size_t> BlockFile::read_parts(std::span<const iovec> parts) {
    TRY(const Claim place, claim(total_of(parts)));
    return transfer(BlockOperation::read, parts, place.size, place.offset);
}

Outcome<std::size_t> BlockFile::write_parts(std::span<const iovec> parts) {
    const std::size_t total = total_of(parts);
    TRY(const Claim place, claim(total));
    if (place.size == 0 && total != 0) return fail_with(ENOSPC);
    return transfer(BlockOperation::write, parts, place.size, place.offset);
}

Outcome<std::size_t> BlockFile::read(std::span<std::byte> buffer) {
    const iovec part = part_of(buffer);
    return read_parts(std::span(&part, 1));
}

Outcome<std::size_t> BlockFile::write(std::span<const std::byte> data) {
    const iovec part = part_of(data);
    return write_parts(std::span(&part, 1));
}

Outcome<off_t> BlockFile::seek(off_t offset, int whence) {
    return move_position(position_, static_cast<off_t>(device_.size()), offset, whence);
}

Outcome<> BlockFile::status(struct stat& status) {
    status = make_status(S_IFBLK | 0660, inode_of_others);
    status.st_blksize = static_cast<blksize_t>(device_.block_size());
    return {};
}

/// As Linux does: EBADF if the file is not open for writing, EINVAL if the range is not whole blocks of the disk.
Outcome<> BlockFile::check_change(std::uint64_t offset, std::uint64_t size) const {
    if (!may_write()) return fail_with(EBADF);
    if ((offset | size) % device_.block_size() != 0) return fail_with(EINVAL);
    if (offset > device_.size() || size > device_.size() - offset) return fail_with(EINVAL);
    return {};
}

Outcome<int> BlockFile::discard(const void* range) {
    TRY(const Range what, range_at(range));
    if (!may_write()) return fail_with(EBADF);
    if (device_.range_limits().discard == 0) return fail_with(EOPNOTSUPP);
    CHECK(check_change(what.offset, what.size));
    const auto done = discard_blocks(device_, what.offset, what.size);
    if (done) return 0;
    return fail_with(done.error() == Error::not_supported ? EOPNOTSUPP : to_errno(done.error()));
}

/// The storage stays allocated (Linux: BLKDEV_ZERO_NOUNMAP).
Outcome<int> BlockFile::zero_out(const void* range) {
    TRY(const Range what, range_at(range));
    CHECK(check_change(what.offset, what.size));
    if (what.size == 0) return fail_with(EINVAL);
    const auto done = write_zeroes(device_, what.offset, what.size, false);
    if (!done) return fail_with(to_errno(done.error()));
    return 0;
}

Outcome<int> BlockFile::control(unsigned long request, void* argument) {
    const BlockTopology& topology = device_.topology();
    switch (request) {
        case BLKGETSIZE64: return give(argument, device_.size());
        case BLKGETSIZE: return give(argument, static_cast<unsigned long>(device_.size() / 512));
        case BLKSSZGET:
        case BLKBSZGET: return give(argument, static_cast<int>(device_.block_size()));
        case BLKROGET: return give(argument, device_.read_only() ? 1 : 0);
        case BLKPBSZGET: return give(argument, topology.physical_block_size);
        case BLKIOMIN:
            return give(argument, topology.smallest_io != 0 ? topology.smallest_io : topology.physical_block_size);
        case BLKIOOPT: return give(argument, topology.best_io);
        case BLKALIGNOFF: return give(argument, static_cast<int>(topology.alignment_offset));
        case BLKDISCARDZEROES: return give(argument, 0U);
        case BLKDISCARD: return discard(argument);
        case BLKZEROOUT: return zero_out(argument);
        case BLKSECDISCARD: return fail_with(EOPNOTSUPP);
        case BLKFLSBUF: CHECK(synchronise(true)); return 0;
        default: return fail_with(ENOTTY);
    }
}

Outcome<> BlockFile::synchronise(bool /*data_only*/) {
    const auto done = flush_blocks(device_);
    if (!done) return fail_with(to_errno(done.error()));
    return {};
}

File* open_disk(BlockDevice& disk, int flags) { return new (std::nothrow) BlockFile(disk, flags); }

}  // namespace tenon::posix
