// SPDX-License-Identifier: Apache-2.0
// A regular file on the disk.
#pragma once

#include "kernel/fs/ext4/array.h"
#include "kernel/fs/ext4/block_store.h"
#include "kernel/fs/ext4/format.h"
#include "kernel/fs/ext4/node.h"
#include "kernel/fs/ext4/page.h"
#include "kernel/fs/ext4/radix_tree.h"

namespace tenon::ext4 {

struct WantedTag;

/// Writes change pages, and reserve room. Blocks are allocated when pages are written; then the size on the disk
/// follows, which never passes what has been written.
class File final : public Node, public ListLink<WantedTag> {
public:
    File(Volume& volume, std::uint32_t number, const InodeRecord& record)
        : Node(volume, number, record), size_(record.size()) {}
    ~File() override;
    Outcome<std::size_t> read(std::span<std::byte> buffer, off_t offset) override;
    Outcome<std::size_t> write(std::span<const std::byte> data, off_t& offset, bool append) override;
    Outcome<> resize(off_t size) override;
    Outcome<off_t> find(off_t offset, bool hole) override;

    // With the lock held.
    [[nodiscard]] std::uint64_t size() const override { return size_; }
    [[nodiscard]] std::uint64_t reserved_blocks() const override { return reserved_; }
    [[nodiscard]] bool is_clean() const override {
        return Node::is_clean() && !is_dirty() && !is_busy() && !is_wanted_;
    }
    [[nodiscard]] bool is_busy() const override { return busy_count_ != 0; }
    void drop_contents() override;
    [[nodiscard]] bool is_dirty() const { return !dirty_.empty() || size_ != record().size(); }
    /// Gives dirty pages their blocks, and adds them to what is written now.
    Outcome<> collect(Array<StorePiece>& pieces, Array<Page*>& pages);
    /// The page has been written.
    void written(Page& page);
    void destroy(Page& page);
    bool is_wanted_ = false;  ///< in the volume's list of those that are to be written

private:
    void want_written() override;
    [[nodiscard]] std::uint64_t block_size() const;
    Outcome<Extent> map(std::uint64_t index);
    Outcome<Page*> make_page(std::uint64_t index);
    /// Reads pages that are not there, with those behind them; lets go of the lock meanwhile.
    Outcome<> load(std::uint64_t index, std::uint64_t wanted);
    /// The page, which the caller overwrites from `begin` to `end`; null: look again, the lock was let go of.
    Outcome<Page*> page_for_write(std::uint64_t index, std::size_t begin, std::size_t end);
    void unreserve(Page& page);
    void make_dirty(Page& page);
    void make_clean(Page& page);
    Outcome<std::size_t> store(std::span<const std::byte> data, std::uint64_t offset);
    Outcome<BlockRange> give_blocks(std::uint64_t index, std::uint64_t count);
    Outcome<> shorten(std::uint64_t size);
    Outcome<> zero_tail(std::uint64_t size);
    Outcome<bool> is_data(std::uint64_t index, std::uint64_t& count);
    void wait_until_idle();

    RadixTree<Page> pages_;
    IntrusiveList<Page, DirtyTag> dirty_;
    std::uint64_t reserved_ = 0;
    std::size_t busy_count_ = 0;  // pages that are read or written
    std::uint64_t size_;
    Extent extent_ = {};  ///< found last
    std::uint64_t next_read_ = 0, ahead_ = 0;
    std::uint64_t goal_ = 0;
};

}  // namespace tenon::ext4
