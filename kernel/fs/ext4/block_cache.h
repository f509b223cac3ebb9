// SPDX-License-Identifier: Apache-2.0
// Blocks of metadata in memory, and which of them the running transaction has changed.
#pragma once

#include "kernel/base/intrusive_list.h"
#include "kernel/fs/ext4/array.h"
#include "kernel/fs/ext4/block_store.h"
#include "kernel/fs/ext4/radix_tree.h"

namespace tenon::ext4 {

struct UseTag;
struct TransactionTag;

/// A block of metadata. Until it is written home, the log has its contents.
struct Buffer : ListLink<UseTag>, ListLink<TransactionTag> {
    std::uint64_t number;
    std::byte* data;
    /// What was committed last, where `data` has been changed since: this is what may be written home.
    std::byte* committed = nullptr;
    bool is_changed = false;    ///< by the running transaction
    bool is_logged = false;     ///< it is in the log, and not at home yet
    bool is_written = false;    ///< to the log or home, at this moment: its memory stays
    bool is_forgotten = false;  ///< its block was freed, in a transaction that is not committed yet
};

/// The caller locks.
class BlockCache {
public:
    BlockCache(BlockStore& store, std::uint32_t block_size) : store_(store), block_size_(block_size) {}
    BlockCache(const BlockCache&) = delete;
    BlockCache& operator=(const BlockCache&) = delete;
    ~BlockCache();

    Outcome<> read(std::uint64_t offset, std::span<std::byte> buffer);
    /// The blocks become the running transaction's.
    Outcome<> write(std::uint64_t offset, std::span<const std::byte> data);
    /// The block holds no metadata any more. True: the log has it, so that it must be revoked.
    bool forget(std::uint64_t number);

    /// Buffers that the running transaction has changed.
    [[nodiscard]] IntrusiveList<Buffer, TransactionTag>& changed() { return changed_; }
    [[nodiscard]] std::size_t changed_count() const { return changed_count_; }
    /// Takes a buffer out of the running transaction: it is being logged, or written home.
    void unchange(Buffer& buffer);
    /// What was forgotten up to here is freed by the transaction that is now written. As long as that is not committed,
    /// a power failure takes the block back: a checkpoint writes it home.
    void begin_commit();
    void end_commit();
    /// Drops what was committed ahead of the present contents: they have been committed too, or it is at home.
    static void drop_committed(Buffer& buffer);
    /// The buffer's contents have been written: frees it if it was forgotten, and is at home.
    void written(Buffer& buffer);
    /// Adds all buffers that the log has.
    Outcome<> logged(Array<Buffer*>& buffers);
    /// Frees buffers that can be read again until there are at most `most`.
    void shrink(std::size_t most);
    [[nodiscard]] std::size_t count() const { return buffers_.count(); }
    Outcome<Buffer*> get(std::uint64_t number, bool is_overwritten);

    /// Ahead of a change of its data.
    Outcome<> change(Buffer& buffer);

private:
    void destroy(Buffer& buffer);

    BlockStore& store_;
    std::uint32_t block_size_;
    RadixTree<Buffer> buffers_;
    IntrusiveList<Buffer, UseTag> used_;  // least recently used first
    // Logged, and freed by the running transaction; by the one that is being written.
    IntrusiveList<Buffer, UseTag> forgotten_, freed_;
    IntrusiveList<Buffer, TransactionTag> changed_;
    std::size_t changed_count_ = 0;
};

}  // namespace tenon::ext4
