// SPDX-License-Identifier: Apache-2.0
// A mounted ext4: its transactions, its inodes in memory, and who writes to the disk.
#pragma once

#include "kernel/fs/ext4/block_cache.h"
#include "kernel/fs/ext4/condition.h"
#include "kernel/fs/ext4/ext4.h"
#include "kernel/fs/ext4/file.h"
#include "kernel/fs/ext4/format.h"
#include "kernel/fs/ext4/journal.h"
#include "kernel/fs/ext4/node.h"

namespace tenon::ext4 {

/// How far a round of writing goes.
enum class Level : std::uint8_t {
    data,    ///< dirty pages are written
    flush,   ///< and they are durable
    commit,  ///< and so is all that the transaction has changed
};

/// One mutex guards everything. It is let go of while the disk is written, which happens in rounds: one at a time, and
/// all who wait for the disk share the next one. So whatever one round writes is written when the next one begins.
///
/// A transaction is what operations have changed since the last commit. An operation calls begin(), which may wait for
/// the disk, ahead of its first look at anything, and keeps the mutex until it is complete.
class Volume final : public FileSystem, public MetadataStore {
public:
    static Outcome<Volume*> mount(BlockStore& store, const Options& options, const Faults& faults);
    /// Writes all, and marks the file system as clean; from then on nothing changes.
    Outcome<> stop();
    ~Volume();

    Inode& root() override { return *root_; }
    FileSystemStatistics statistics() override;
    Outcome<> synchronise() override;
    [[nodiscard]] Statistics counters();
    /// What has been changed is written and committed, as from time to time by a thread.
    Outcome<> write_back() { return synchronise(); }
    /// Frees clean pages; returns how many bytes. Nothing if the mutex is held.
    std::uint64_t shrink(std::uint64_t wanted);
    /// No operation begins until thaw(), and the disk is as after an unmount, but for its mark.
    Outcome<> freeze();
    void thaw();

    // For inodes, with the mutex held but where it says otherwise.
    [[nodiscard]] Mutex& mutex() { return mutex_; }
    [[nodiscard]] Condition& condition() { return condition_; }
    [[nodiscard]] Format& format() { return *format_; }
    [[nodiscard]] BlockStore& store() { return store_; }
    [[nodiscard]] std::uint32_t block_size() const { return block_size_; }
    /// Begins an operation that may use as many blocks, beyond those that are reserved; lets go of the mutex meanwhile.
    /// Errors: EROFS, ENOSPC.
    Outcome<> begin(std::uint64_t blocks);
    /// What an operation has come to: an error in its middle leaves metadata half changed, which must not be committed.
    template <typename T>
    Outcome<T> end(Outcome<T> result) {
        if (format_->is_broken()) abort("metadata on the disk are damaged, or memory is short");
        return result;
    }
    /// Takes part in the next round, and waits for it. Error: EIO.
    Outcome<> round(Level level);
    /// Nothing is written any more.
    void abort(const char* why);
    [[nodiscard]] bool is_aborted() const { return is_aborted_; }
    [[nodiscard]] bool may_write() const { return !read_only() && !is_aborted_ && !is_stopped_; }

    Outcome<InodeReference> get(std::uint32_t number);
    /// A new inode's node, which has the volume's reference.
    Outcome<InodeReference> add(std::uint32_t number, const InodeRecord& record);
    /// The last name of a node has gone: takes the volume's reference, to be let go of without the mutex. The inode is
    /// freed now if it is small and nobody else has a reference, otherwise with the last one.
    Outcome<InodeReference> let_go(Node& node);
    /// Frees what a node without names and references has. Takes the mutex.
    void release(Node& node);
    /// Shortens a file's blocks in several transactions if there are many: in between it is an orphan. The record has
    /// the new size already.
    Outcome<> cut(Node& node, std::uint64_t first);

    void note_change(Node& node);
    void forget_change(Node& node);
    [[nodiscard]] std::uint64_t transaction() const { return transaction_; }
    [[nodiscard]] std::uint64_t committed() const { return committed_; }
    /// All files' dirty pages are written.
    Outcome<> write_all_data();
    void want(File& file);
    void unwant(File& file);
    [[nodiscard]] bool is_dirty_limit_reached() const { return dirty_pages_ >= most_pages_ / 2; }

    // Room for pages that have no blocks yet.
    [[nodiscard]] bool has_room(std::uint64_t blocks) const;
    Outcome<> reserve();
    [[nodiscard]] bool may_find_room() const { return format_->held_blocks() != 0; }
    void unreserve() { --reserved_; }
    void count_pages(std::int64_t change) { pages_ += static_cast<std::uint64_t>(change); }
    void count_dirty(std::int64_t change) { dirty_pages_ += static_cast<std::uint64_t>(change); }
    [[nodiscard]] IntrusiveList<Page, CleanTag>& clean_pages() { return clean_pages_; }
    /// Ahead of new pages: frees clean ones, or writes dirty ones, of which there are too many. May let go of the
    /// mutex.
    Outcome<> limit_pages();
    [[nodiscard]] std::uint64_t most_pages() const { return most_pages_; }
    [[nodiscard]] std::uint64_t name_seed() const { return options_.seed; }
    [[nodiscard]] std::uint32_t next_generation() { return ++generation_; }
    Outcome<> write_zeros(std::uint64_t block);

    // MetadataStore.
    Outcome<> read(std::uint64_t offset, std::span<std::byte> buffer) override { return cache_.read(offset, buffer); }
    Outcome<> write(std::uint64_t offset, std::span<const std::byte> data) override;
    void freed(std::uint64_t block) override;

    static void* operator new(std::size_t size, const std::nothrow_t&) noexcept;
    static void operator delete(void* object);

private:
    Volume(BlockStore& store, std::uint32_t block_size, const Options& options, const Faults& faults);
    Outcome<> open(const char*& why);
    Outcome<> take_over();
    Outcome<> clear_orphans();
    Outcome<> write_super_block_home();
    Outcome<Node*> make_node(std::uint32_t number, const InodeRecord& record);
    Outcome<> free_orphans();
    Outcome<> add_orphan(Node& node);
    Outcome<> remove_orphan(Node& node);
    Outcome<> free_inode(Node& node);
    void limit_nodes();
    void want_all();

    // A round, with the turn to write.
    Outcome<> write_out(Level level);
    Outcome<> collect_data(bool& changed);
    Outcome<> write_inodes();
    Outcome<> write_records();
    Outcome<bool> prepare_transaction();
    Outcome<> write_pieces(Level level, bool has_transaction);
    void finish(bool has_transaction);
    Outcome<> checkpoint();

    BlockStore& store_;
    std::uint32_t block_size_;
    Options options_;
    Faults faults_;
    Mutex mutex_;
    Condition condition_;
    BlockCache cache_;
    Journal journal_;
    Format* format_ = nullptr;
    Inode* root_ = nullptr;  // a reference
    bool is_aborted_ = false;
    bool is_frozen_ = false;
    bool is_stopped_ = false;
    std::uint32_t generation_;

    RadixTree<Node> nodes_;
    std::size_t node_limit_ = 4096;
    IntrusiveList<Node, ChangedTag> changed_nodes_;
    std::size_t changed_node_count_ = 0;
    IntrusiveList<File, WantedTag> wanted_files_;
    std::uint64_t transaction_ = 1;  ///< the running one
    std::uint64_t committed_ = 0;    ///< the last one that is durable
    Array<std::uint64_t> revoked_;

    std::uint64_t pages_ = 0, dirty_pages_ = 0, reserved_ = 0, most_pages_ = 0;
    IntrusiveList<Page, CleanTag> clean_pages_;  // least recently used first

    // Rounds.
    std::uint64_t rounds_begun_ = 0, rounds_finished_ = 0;
    bool is_writing_ = false;
    Level wanted_level_ = Level::data;
    // What this round writes.
    Array<StorePiece> pieces_;
    Array<Page*> written_pages_;
    Array<Buffer*> written_buffers_;
    Array<BlockRange> freed_;
    StorePiece commit_block_ = {};
    Statistics counters_ = {};
};

}  // namespace tenon::ext4
