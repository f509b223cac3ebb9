// SPDX-License-Identifier: Apache-2.0
// What an ext4 is stored on: a disk or a partition; in tests a file, or memory that forgets what was not flushed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/outcome.h"

namespace tenon::ext4 {

/// A piece of memory, and its place: bytes, whole blocks of the store.
struct StorePiece {
    std::uint64_t offset;
    std::byte* data;  ///< only read by a write
    std::size_t size;
};

/// Methods are called by several threads at once, block, and return one of errno's numbers: EIO for whatever went
/// wrong. The store outlives the file system.
class BlockStore {
public:
    BlockStore() = default;
    BlockStore(const BlockStore&) = delete;
    BlockStore& operator=(const BlockStore&) = delete;
    virtual ~BlockStore() = default;

    [[nodiscard]] virtual std::uint64_t size() const = 0;  ///< bytes
    [[nodiscard]] virtual std::uint32_t block_size() const { return 512; }
    [[nodiscard]] virtual bool read_only() const { return false; }
    /// "vda1": for messages.
    [[nodiscard]] virtual const char* name() const = 0;

    /// Pieces are independent: they are transferred in any order, and many at once. Those that are neighbours both in
    /// the list and in the store may become one request. After an error any part may have been transferred.
    virtual Outcome<> read(std::span<const StorePiece> pieces) = 0;
    virtual Outcome<> write(std::span<const StorePiece> pieces) = 0;
    /// All writes that have returned are durable when it returns.
    virtual Outcome<> flush() = 0;
    /// The range's contents no longer matter. EOPNOTSUPP: the store has no discards.
    virtual Outcome<> discard(std::uint64_t offset, std::uint64_t size) = 0;
};

}  // namespace tenon::ext4
