// SPDX-License-Identifier: Apache-2.0
// The journal: where it is, and writing to it.
#include "kernel/fs/ext4/journal.h"

#include <algorithm>

#include "kernel/fs/ext4/big_endian.h"
#include "kernel/fs/ext4/journal_format.h"
#include "kernel/time/clock.h"

namespace tenon::ext4 {

using namespace journal_format;

Journal::~Journal() {
    for (std::byte* block : temporary_) heap_free(block);
}

Outcome<> Journal::load(Format& format, const char*& why) {
    block_size_ = format.block_size();
    block_count_ = format.block_count();
    why = "its journal is damaged (run e2fsck)";
    InodeRecord record;
    CHECK(format.read_inode(format.journal_inode(), record));
    const std::uint64_t blocks = std::min(record.size() / block_size_, std::uint64_t{UINT32_MAX});
    for (std::uint64_t logical = 0; logical < blocks;) {
        TRY(Extent extent, format.map(format.journal_inode(), record, logical));
        if (!extent.is_mapped) return fail_with(EIO);
        extent.count = std::min(extent.count, blocks - logical);
        CHECK(extents_.push_back(extent));
        logical += extent.count;
    }
    if (extents_.empty()) return fail_with(EIO);
    TRY(std::byte * block, temporary());
    CHECK(read(0, block));
    std::memcpy(super_block_, block, super_block_size);
    return check_super_block(blocks, why);
}

Outcome<> Journal::check_super_block(std::uint64_t blocks, const char*& why) {
    used_temporary_ = 0;
    if (load_big(super_block_) != magic || load_big(super_block_ + type_offset) != super_block_version_2 ||
        load_big(super_block_ + block_size_offset) != block_size_)
        return fail_with(EIO);
    features_ = load_big(super_block_ + incompatible_offset);
    if ((features_ & ~(revoke_feature | wide_feature | checksum_2_feature | checksum_3_feature)) != 0) {
        why = "its journal has a feature that is not supported";
        return fail_with(EOPNOTSUPP);
    }
    end_ = load_big(super_block_ + length_offset);
    first_ = load_big(super_block_ + first_offset);
    start_ = load_big(super_block_ + start_offset);
    sequence_ = load_big(super_block_ + sequence_offset);
    constexpr std::uint32_t shortest = 256;
    if (end_ > blocks || first_ == 0 || first_ >= end_ || length() < shortest || start_ >= end_ ||
        (start_ != 0 && start_ < first_))
        return fail_with(EIO);
    if ((features_ & (checksum_2_feature | checksum_3_feature)) != 0) {
        if (std::to_integer<unsigned>(super_block_[checksum_type_offset]) != crc32c) return fail_with(EIO);
        if (!has_sound_checksum(super_block_, checksum_offset)) return fail_with(EIO);
        seed_ = Format::checksum(~0U, {super_block_ + uuid_offset, uuid_size});
    }
    return {};
}

Outcome<std::uint64_t> Journal::place(std::uint32_t block) const {
    for (const Extent& extent : extents_)
        if (block - extent.logical < extent.count) return extent.physical + (block - extent.logical);
    return fail_with(EIO);
}

Outcome<> Journal::read(std::uint32_t block, std::byte* data) {
    TRY(const std::uint64_t number, place(block));
    const StorePiece piece{number * block_size_, data, block_size_};
    return store_.read({&piece, 1});
}

Outcome<> Journal::write_super_block(std::uint32_t start) {
    start_ = start;
    features_ = revoke_feature | (block_count_ >> 32 != 0 ? wide_feature : 0);
    is_64bit_ = (features_ & wide_feature) != 0;
    store_big(super_block_ + sequence_offset, sequence_);
    store_big(super_block_ + start_offset, start);
    // Neither kind of checksums: with a torn commit block, e2fsck would stop at them.
    store_big(super_block_ + compatible_offset, 0);
    store_big(super_block_ + incompatible_offset, features_);
    super_block_[checksum_type_offset] = std::byte{0};
    store_big(super_block_ + checksum_offset, 0);
    TRY(std::byte * block, temporary());
    std::memset(block, 0, block_size_);
    std::memcpy(block, super_block_, super_block_size);
    TRY(const std::uint64_t number, place(0));
    const StorePiece piece{number * block_size_, block, block_size_};
    auto done = store_.write({&piece, 1});
    used_temporary_ = 0;
    return done;
}

Outcome<> Journal::start() {
    // Transactions of before, whose blocks are still there, must not seem to follow.
    ++sequence_;
    if (sequence_ == 0) sequence_ = 1;
    return clear();
}

Outcome<> Journal::clear() {
    if (head_ < first_) head_ = first_;
    free_ = length() - 1;
    return write_super_block(head_);
}

Outcome<> Journal::stop() { return write_super_block(0); }

// Writing.

bool Journal::has_room(std::size_t buffers, std::size_t revokes) const {
    const std::size_t tag = is_64bit_ ? 12 : 8;
    const std::size_t tags_per_block = (block_size_ - header_size - uuid_size) / tag;
    const std::size_t revokes_per_block = (block_size_ - revoke_header_size) / 8;
    return buffers + buffers / tags_per_block + 1 + revokes / revokes_per_block + 1 + 1 < free_;
}

/// A block of memory until the transaction is committed.
Outcome<std::byte*> Journal::temporary() {
    if (used_temporary_ == temporary_.size()) {
        auto* block = static_cast<std::byte*>(heap_allocate(block_size_));
        if (block == nullptr) return fail_with(ENOMEM);
        if (const auto added = temporary_.push_back(block); !added) {
            heap_free(block);
            return std::unexpected(added.error());
        }
    }
    return temporary_[used_temporary_++];
}

Outcome<> Journal::add_piece(std::byte* data, Array<StorePiece>& pieces) {
    TRY(const std::uint64_t number, place(head_));
    head_ = after(head_);
    --free_;
    return pieces.push_back({number * block_size_, data, block_size_});
}

Outcome<std::byte*> Journal::new_block(std::uint32_t type, Array<StorePiece>& pieces) {
    TRY(std::byte * block, temporary());
    std::memset(block, 0, block_size_);
    store_big(block, magic);
    store_big(block + type_offset, type);
    store_big(block + transaction_offset, sequence_);
    CHECK(add_piece(block, pieces));
    return block;
}

Outcome<> Journal::add(IntrusiveList<Buffer, TransactionTag>& buffers, const Array<std::uint64_t>& revoked,
                       Array<StorePiece>& pieces) {
    const std::size_t tag_size = is_64bit_ ? 12 : 8;
    std::byte* descriptor = nullptr;
    std::byte* last = nullptr;
    std::size_t filled = 0;
    Outcome<> result;
    const auto add_buffer = [&](Buffer& buffer) -> Outcome<> {
        std::uint32_t flags = same_uuid_flag;
        if (descriptor == nullptr || filled + tag_size > block_size_) {
            if (last != nullptr) store_big(last + 4, load_big(last + 4) | last_tag_flag);
            TRY(descriptor, new_block(descriptor_block, pieces));
            filled = header_size;
            flags = 0;
        }
        std::byte* data = buffer.data;
        if (load_big(data) == magic) {
            // It would be taken for a block of the log's own.
            TRY(std::byte * escaped, temporary());
            std::memcpy(escaped, data, block_size_);
            store_big(escaped, 0);
            data = escaped;
            flags |= escaped_flag;
        }
        last = descriptor + filled;
        store_big(last, buffer.number);
        store_big(last + 4, flags);
        if (is_64bit_) store_big(last + 8, buffer.number >> 32);
        filled += tag_size;
        if ((flags & same_uuid_flag) == 0) {
            std::memcpy(descriptor + filled, super_block_ + uuid_offset, uuid_size);
            filled += uuid_size;
        }
        return add_piece(data, pieces);
    };
    buffers.for_each([&](Buffer& buffer) {
        if (result) result = add_buffer(buffer);
    });
    CHECK(result);
    if (last != nullptr) store_big(last + 4, load_big(last + 4) | last_tag_flag);
    return add_revoked(revoked, pieces);
}

Outcome<> Journal::add_revoked(const Array<std::uint64_t>& revoked, Array<StorePiece>& pieces) {
    const std::size_t size = is_64bit_ ? 8 : 4;
    std::byte* block = nullptr;
    std::size_t filled = 0;
    for (const std::uint64_t number : revoked) {
        if (block == nullptr || filled + size > block_size_) {
            TRY(block, new_block(revoke_block, pieces));
            filled = revoke_header_size;
        }
        if (is_64bit_) store_big(block + filled, number >> 32);
        store_big(block + filled + size - 4, number);
        filled += size;
        store_big(block + header_size, filled);
    }
    return {};
}

Outcome<StorePiece> Journal::commit_block() {
    Array<StorePiece> piece;
    TRY(std::byte * block, new_block(commit_block_type, piece));
    constexpr Nanoseconds second = 1'000'000'000;
    const Nanoseconds now = realtime_now();
    store_big(block + commit_seconds_offset, static_cast<std::uint64_t>(now / second) >> 32);
    store_big(block + commit_seconds_offset + 4, static_cast<std::uint64_t>(now / second));
    store_big(block + commit_seconds_offset + 8, static_cast<std::uint64_t>(now % second));
    return piece[0];
}

void Journal::committed() {
    ++sequence_;
    used_temporary_ = 0;
}

}  // namespace tenon::ext4
