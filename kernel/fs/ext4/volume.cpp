// SPDX-License-Identifier: Apache-2.0
// A mounted ext4: what operations need, and its inodes in memory.
#include "kernel/fs/ext4/volume.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "kernel/console/console.h"
#include "kernel/fs/ext4/directory.h"
#include "kernel/fs/ext4/link.h"
#include "kernel/mm/heap.h"

namespace tenon::ext4 {

namespace {

/// Metadata blocks that one operation changes, at most, but for what it frees.
constexpr std::size_t operation_buffers = 64;
/// Blocks that are freed in one transaction.
constexpr std::uint64_t most_freed = 64 * 1024;
/// Blocks in hand for the metadata of what is reserved: extent trees grow by less than one for 32 blocks.
constexpr std::uint64_t spare_blocks = 8;
/// Nodes in memory that nobody uses.
constexpr std::size_t most_nodes = 4096;

/// Whether block[] leads to blocks: that of a short link is its target, that of a device its number.
bool has_blocks(const InodeRecord& record) {
    if (S_ISLNK(record.mode)) return record.has_extents() || record.size() >= sizeof record.block;
    return S_ISREG(record.mode) || S_ISDIR(record.mode);
}

}  // namespace

Outcome<> Volume::begin(std::uint64_t blocks) {
    for (;;) {
        if (!may_write()) return fail_with(EROFS);
        if (is_frozen_) {
            condition_.wait(mutex_);
        } else if (changed_node_count_ >= operation_buffers) {
            // So that their buffers are counted.
            CHECK(write_inodes());
        } else if (cache_.changed_count() + format_->changed_group_blocks() + operation_buffers * 2 >
                   journal_.most_buffers()) {
            CHECK(round(Level::commit));
        } else if (blocks == 0 || has_room(blocks)) {
            break;
        } else if (format_->held_blocks() != 0) {
            // Blocks that were freed can be used after the commit.
            CHECK(round(Level::commit));
        } else {
            return fail_with(ENOSPC);
        }
    }
    limit_nodes();
    return {};
}

Outcome<> Volume::write(std::uint64_t offset, std::span<const std::byte> data) { return cache_.write(offset, data); }

Outcome<> Volume::write_zeros(std::uint64_t block) {
    TRY(Buffer * buffer, cache_.get(block, true));
    CHECK(cache_.change(*buffer));
    std::memset(buffer->data, 0, block_size_);
    return {};
}

void Volume::freed(std::uint64_t block) {
    if (!cache_.forget(block)) return;
    // Without its revocation, replaying the log would overwrite what comes to the block later.
    if (!revoked_.push_back(block)) abort("memory is short");
}

FileSystemStatistics Volume::statistics() {
    const std::lock_guard guard(mutex_);
    const std::uint64_t used_for_later = reserved_ + reserved_ / 32;
    const std::uint64_t free = format_->free_blocks() + format_->held_blocks();
    return {.block_size = block_size_,
            .blocks = format_->block_count() - std::min(format_->overhead_blocks(), format_->block_count()),
            .free_blocks = free - std::min(free, used_for_later),
            .inodes = format_->inode_count(),
            .free_inodes = format_->free_inodes()};
}

Statistics Volume::counters() {
    const std::lock_guard guard(mutex_);
    return counters_;
}

void Volume::want_all() {
    std::uint64_t number = 0;
    for (; Node* node = nodes_.next(number); ++number)
        if (node->type() == S_IFREG && static_cast<File*>(node)->is_dirty()) want(static_cast<File&>(*node));
}

Outcome<> Volume::write_all_data() {
    want_all();
    return round(Level::data);
}

Outcome<> Volume::synchronise() {
    const std::lock_guard guard(mutex_);
    if (read_only()) return {};
    want_all();
    return round(Level::commit);
}

Outcome<> Volume::freeze() {
    CHECK(synchronise());
    const std::lock_guard guard(mutex_);
    if (is_frozen_) return fail_with(EBUSY);
    is_frozen_ = true;
    return {};
}

void Volume::thaw() {
    const std::lock_guard guard(mutex_);
    is_frozen_ = false;
    condition_.wake_all();
}

void Volume::note_change(Node& node) {
    if (node.is_changed_) return;
    node.is_changed_ = true;
    changed_nodes_.push_back(node);
    ++changed_node_count_;
}

void Volume::forget_change(Node& node) {
    if (!node.is_changed_) return;
    node.is_changed_ = false;
    IntrusiveList<Node, ChangedTag>::remove(node);
    --changed_node_count_;
}

void Volume::want(File& file) {
    if (file.is_wanted_) return;
    file.is_wanted_ = true;
    wanted_files_.push_back(file);
}

void Volume::unwant(File& file) {
    if (!file.is_wanted_) return;
    file.is_wanted_ = false;
    IntrusiveList<File, WantedTag>::remove(file);
}

// Room.

bool Volume::has_room(std::uint64_t blocks) const {
    return format_->free_blocks() >= reserved_ + reserved_ / 32 + spare_blocks + blocks;
}

Outcome<> Volume::reserve() {
    if (!has_room(1)) return fail_with(ENOSPC);
    ++reserved_;
    return {};
}

Outcome<> Volume::limit_pages() {
    while (pages_ >= most_pages_) {
        Page* page = clean_pages_.front();
        if (page == nullptr) break;
        page->file->destroy(*page);
    }
    return {};
}

std::uint64_t Volume::shrink(std::uint64_t wanted) {
    if (!mutex_.try_lock()) return 0;
    std::uint64_t freed = 0;
    while (freed < wanted) {
        Page* page = clean_pages_.front();
        if (page == nullptr) break;
        page->file->destroy(*page);
        freed += block_size_;
    }
    mutex_.unlock();
    return freed;
}

// Inodes.

Outcome<Node*> Volume::make_node(std::uint32_t number, const InodeRecord& record) {
    Node* node = nullptr;
    switch (record.mode & S_IFMT) {
        case S_IFREG: node = new (std::nothrow) File(*this, number, record); break;
        case S_IFDIR: node = new (std::nothrow) Directory(*this, number, record); break;
        case S_IFLNK: node = new (std::nothrow) Link(*this, number, record); break;
        case S_IFCHR:
        case S_IFBLK:
        case S_IFIFO:
        case S_IFSOCK: node = new (std::nothrow) Node(*this, number, record); break;
        default: return fail_with(EIO);
    }
    if (node == nullptr) return fail_with(ENOMEM);
    if (const auto added = nodes_.insert(number, *node); !added) {
        delete node;
        return std::unexpected(added.error());
    }
    return node;
}

Outcome<InodeReference> Volume::get(std::uint32_t number) {
    if (Node* node = nodes_.find(number); node != nullptr) return InodeReference::share(*node);
    InodeRecord record;
    const auto read = format_->read_inode(number, record);
    // A name leads to it: it may not be free.
    if (!read) return fail_with(read.error().code == ENOENT ? EIO : read.error().code);
    if (record.links == 0) return fail_with(EIO);
    return add(number, record);
}

Outcome<InodeReference> Volume::add(std::uint32_t number, const InodeRecord& record) {
    TRY(Node * node, make_node(number, record));
    return InodeReference::share(*node);
}

void Volume::limit_nodes() {
    if (nodes_.count() <= node_limit_) return;
    // Many at once, so that the search is rare.
    std::uint64_t number = 0;
    for (; Node* node = nodes_.next(number); ++number) {
        if (nodes_.count() <= most_nodes / 2) break;
        if (node->references() != 1 || !node->is_clean() || node->links() == 0) continue;
        nodes_.erase(number);
        delete node;
    }
    node_limit_ = std::max(most_nodes, nodes_.count() + nodes_.count() / 2);
}

// The list of orphans on the disk: inodes without names, and files that are being shortened.

Outcome<> Volume::add_orphan(Node& node) {
    node.record().deleted = format_->last_orphan();
    format_->set_last_orphan(node.index());
    node.is_orphan_ = true;
    node.note_change(true);
    return {};
}

Outcome<> Volume::remove_orphan(Node& node) {
    const std::uint32_t following = std::exchange(node.record().deleted, 0);
    node.is_orphan_ = false;
    node.note_change(true);
    if (format_->last_orphan() == node.index()) {
        format_->set_last_orphan(following);
        return {};
    }
    std::uint32_t number = format_->last_orphan();
    for (std::uint32_t steps = 0; number != 0 && steps != format_->inode_count(); ++steps) {
        Node* other = nodes_.find(number);
        InodeRecord record;
        if (other == nullptr) CHECK(format_->read_inode(number, record));
        InodeRecord& before = other != nullptr ? other->record() : record;
        if (before.deleted == node.index()) {
            before.deleted = following;
            if (other == nullptr) return format_->write_inode(number, record);
            other->note_change(true);
            return {};
        }
        number = before.deleted;
    }
    return fail_with(EIO);
}

Outcome<> Volume::cut(Node& node, std::uint64_t first) {
    if (!has_blocks(node.record())) return {};
    for (;;) {
        TRY(const bool done, format_->cut(node.index(), node.record(), first, most_freed));
        node.note_change(true);
        if (done) break;
        if (!node.is_orphan_) CHECK(add_orphan(node));
        CHECK(begin(0));
    }
    if (node.is_orphan_ && node.links() != 0) CHECK(remove_orphan(node));
    return {};
}

Outcome<> Volume::free_inode(Node& node) {
    if (node.is_orphan_) CHECK(remove_orphan(node));
    CHECK(format_->free_attributes(node.index(), node.record()));
    InodeRecord& record = node.record();
    record.set_size(0);
    record.deleted = static_cast<std::uint32_t>(time_now().tv_sec);
    if (record.deleted == 0) record.deleted = 1;
    CHECK(format_->free_inode(node.index(), record));
    forget_change(node);
    nodes_.erase(node.index());
    node.is_released_ = true;
    return {};
}

Outcome<InodeReference> Volume::let_go(Node& node) {
    InodeReference reference(&node);
    const std::uint64_t blocks = node.record().blocks_low / (block_size_ / 512);
    // The volume's reference, and the caller's.
    if (node.references() == 2 && blocks < most_freed && !node.is_busy()) {
        node.drop_contents();
        if (auto done = cut(node, 0); !done || node.is_orphan_) {
            if (!done) return std::unexpected(done.error());
            return reference;
        }
        CHECK(free_inode(node));
        return reference;
    }
    if (!node.is_orphan_) CHECK(add_orphan(node));
    return reference;
}

void Volume::release(Node& node) {
    {
        const std::lock_guard guard(mutex_);
        while (node.is_busy()) condition_.wait(mutex_);
        if (!node.is_released_) {
            node.drop_contents();
            if (may_write() && begin(0)) {
                auto done = cut(node, 0);
                if (done) done = free_inode(node);
                if (!done && !format_->is_broken()) abort("an inode cannot be freed");
                (void)end(std::move(done));
            }
            forget_change(node);
            if (!node.is_released_) nodes_.erase(node.index());
        }
    }
    delete &node;
}

/// Inodes without names that are still open: at the end nobody comes back for them.
Outcome<> Volume::free_orphans() {
    std::uint64_t number = 0;
    for (; Node* node = nodes_.next(number); ++number) {
        if (node->links() != 0 || node->is_busy()) continue;
        node->drop_contents();
        CHECK(cut(*node, 0));
        CHECK(free_inode(*node));
    }
    return {};
}

// Mounting.

Outcome<> Volume::clear_orphans() {
    std::uint32_t number = 0;
    for (std::uint32_t steps = 0; (number = format_->last_orphan()) != 0; ++steps) {
        InodeRecord record;
        const auto read = format_->read_inode(number, record);
        if (!read || steps == format_->inode_count() || nodes_.find(number) != nullptr) {
            warn("ext4 on %s: the list of orphans is damaged (run e2fsck)", store_.name());
            format_->set_error_state();
            format_->set_last_orphan(0);
            break;
        }
        TRY(Node * node, make_node(number, record));
        node->is_orphan_ = true;
        if (record.links == 0) {
            CHECK(cut(*node, 0));
            CHECK(free_inode(*node));
            delete node;
        } else {
            // It was being shortened; the size is the new one.
            const std::uint64_t blocks = (record.size() + block_size_ - 1) / block_size_;
            CHECK(cut(*node, blocks));
            if (node->is_orphan_) CHECK(remove_orphan(*node));
        }
        CHECK(begin(0));
    }
    return {};
}

}  // namespace tenon::ext4
