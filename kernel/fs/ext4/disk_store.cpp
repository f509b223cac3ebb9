// SPDX-License-Identifier: Apache-2.0
// A disk or a partition below an ext4.
#include "kernel/fs/ext4/disk_store.h"

#include <array>

#include "kernel/device/block_io.h"
#include "kernel/device/block_transfer.h"

namespace tenon::ext4 {

namespace {

Outcome<> outcome_of(const Result<>& result) {
    if (result) return {};
    switch (result.error()) {
        case Error::no_memory: return fail_with(ENOMEM);
        case Error::not_supported: return fail_with(EOPNOTSUPP);
        default: return fail_with(EIO);
    }
}

}  // namespace

/// Neighbours become one transfer, which has many requests under way.
Outcome<> DiskStore::transfer(BlockOperation operation, std::span<const StorePiece> pieces) {
    std::array<BlockPart, 256> parts;
    for (std::size_t i = 0; i != pieces.size();) {
        const std::uint64_t begin = pieces[i].offset;
        std::uint64_t end = begin;
        std::size_t count = 0;
        for (; i != pieces.size() && count != parts.size() && pieces[i].offset == end; ++i, ++count) {
            parts[count] = {pieces[i].data, pieces[i].size};
            end += pieces[i].size;
        }
        CHECK(outcome_of(transfer_blocks(device_, operation, begin, std::span(parts).first(count))));
    }
    return {};
}

Outcome<> DiskStore::flush() { return outcome_of(flush_blocks(device_)); }

Outcome<> DiskStore::discard(std::uint64_t offset, std::uint64_t size) {
    return outcome_of(discard_blocks(device_, offset, size));
}

}  // namespace tenon::ext4
