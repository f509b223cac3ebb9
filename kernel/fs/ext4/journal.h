// SPDX-License-Identifier: Apache-2.0
// The journal, in jbd2's format (Documentation/filesystems/ext4/journal.rst of Linux): a log of blocks that are going
// to be written home, in a file of the file system.
#pragma once

#include "kernel/fs/ext4/array.h"
#include "kernel/fs/ext4/block_cache.h"
#include "kernel/fs/ext4/block_store.h"
#include "kernel/fs/ext4/format.h"

namespace tenon::ext4 {

/// A commit block is written when all that is ahead of it is durable, so that checksums are not needed: none are
/// written, those of Linux are checked. The caller locks; add() and what follows happen for one transaction at a time.
class Journal {
public:
    explicit Journal(BlockStore& store) : store_(store) {}
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal();

    /// Finds the log, and reads its super block. Errors: EIO, EOPNOTSUPP; `why` becomes the reason.
    Outcome<> load(Format& format, const char*& why);
    /// Whether there are transactions that are not at home.
    [[nodiscard]] bool is_empty() const { return start_ == 0; }
    /// Writes home what has been committed; returns how many blocks that were. Nothing is flushed.
    Outcome<std::uint64_t> replay(const char*& why);
    /// The log begins anew, empty. Flushed by the caller.
    Outcome<> start();
    /// The log is empty, and the file system can do without it.
    Outcome<> stop();

    /// Blocks that a transaction may change so that others find room besides it.
    [[nodiscard]] std::size_t most_buffers() const { return length() / 4; }
    [[nodiscard]] bool has_room(std::size_t buffers, std::size_t revokes) const;
    /// Adds pieces that log the buffers and the revoked blocks.
    Outcome<> add(IntrusiveList<Buffer, TransactionTag>& buffers, const Array<std::uint64_t>& revoked,
                  Array<StorePiece>& pieces);
    /// The commit block, to be written when the pieces are durable.
    Outcome<StorePiece> commit_block();
    /// It has been committed: the next transaction begins.
    void committed();
    /// Everything in the log is at home, and flushed: writes that. Flushed by the caller.
    Outcome<> clear();

private:
    static constexpr std::size_t super_block_size = 1024;
    struct Revoked {
        std::uint64_t block;
        std::uint32_t sequence;
    };
    enum class Pass : std::uint8_t { scan, revoke, replay };
    struct Walk;

    [[nodiscard]] std::uint32_t length() const { return end_ - first_; }
    [[nodiscard]] std::uint32_t after(std::uint32_t block) const { return block + 1 >= end_ ? first_ : block + 1; }
    [[nodiscard]] Outcome<std::uint64_t> place(std::uint32_t block) const;
    Outcome<> check_super_block(std::uint64_t blocks, const char*& why);
    Outcome<> write_super_block(std::uint32_t start);
    Outcome<> read(std::uint32_t block, std::byte* data);
    [[nodiscard]] bool has_sound_tail(std::byte* block) const;
    [[nodiscard]] bool has_sound_checksum(std::byte* block, std::size_t offset) const;
    Outcome<> walk(Pass pass, Walk& walk, const char*& why);
    Outcome<> replay_tags(Pass pass, Walk& walk, const char*& why);
    Outcome<> note_revoked(Walk& walk);
    [[nodiscard]] Outcome<bool> is_revoked(std::uint64_t block, std::uint32_t sequence) const;

    Outcome<std::byte*> temporary();
    Outcome<std::byte*> new_block(std::uint32_t type, Array<StorePiece>& pieces);
    Outcome<> add_piece(std::byte* data, Array<StorePiece>& pieces);
    Outcome<> add_revoked(const Array<std::uint64_t>& revoked, Array<StorePiece>& pieces);

    BlockStore& store_;
    std::uint32_t block_size_ = 0;
    std::uint64_t block_count_ = 0;  // of the file system
    Array<Extent> extents_;
    std::byte super_block_[super_block_size] = {};
    std::uint32_t features_ = 0;
    std::uint32_t seed_ = 0;
    std::uint32_t first_ = 0, end_ = 0;
    std::uint32_t start_ = 0;
    std::uint32_t sequence_ = 1;  ///< of the next transaction
    std::uint32_t head_ = 0;      ///< the next block to be written
    std::uint32_t free_ = 0;
    bool is_64bit_ = false;
    Array<Revoked> revoked_;
    Array<std::byte*> temporary_;  ///< blocks; the first used_temporary_ are in use
    std::size_t used_temporary_ = 0;
};

}  // namespace tenon::ext4
