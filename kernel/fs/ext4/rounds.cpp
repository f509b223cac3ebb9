// SPDX-License-Identifier: Apache-2.0
// Rounds of writing: data, then the log, then the commit block; and writing home what the log has.
#include <algorithm>
#include <utility>

#include "kernel/console/console.h"
#include "kernel/fs/ext4/volume.h"
#include "kernel/trap/panic.h"

namespace tenon::ext4 {

namespace {

/// Blocks of metadata in memory, besides those that are needed.
constexpr std::size_t most_buffers = 4096;

void sort(Array<StorePiece>& pieces) {
    std::sort(pieces.begin(), pieces.end(),
              [](const StorePiece& one, const StorePiece& other) { return one.offset < other.offset; });
}

}  // namespace

Outcome<> Volume::round(Level level) {
    if (is_aborted_) return fail_with(EIO);
    if (is_stopped_) return fail_with(EROFS);
    wanted_level_ = std::max(wanted_level_, level);
    const std::uint64_t mine = rounds_begun_ + 1;
    while (rounds_finished_ < mine) {
        if (is_writing_) {
            condition_.wait(mutex_);
            continue;
        }
        is_writing_ = true;
        ++rounds_begun_;
        if (!is_aborted_)
            if (const auto done = write_out(std::exchange(wanted_level_, Level::data)); !done)
                abort(done.error().code == ENOMEM ? "memory is short" : "the disk cannot be written");
        is_writing_ = false;
        rounds_finished_ = rounds_begun_;
        condition_.wake_all();
    }
    if (is_aborted_) return fail_with(EIO);
    return {};
}

Outcome<> Volume::write_out(Level level) {
    pieces_.clear();
    written_pages_.clear();
    written_buffers_.clear();
    bool data_changed = false;
    const auto collected = collect_data(data_changed);
    // fdatasync() of what got its blocks just now.
    if (level == Level::flush && data_changed) level = Level::commit;
    Outcome<bool> prepared = false;
    if (collected && level == Level::commit) prepared = prepare_transaction();
    Outcome<> done = collected;
    if (done && !prepared) done = std::unexpected(prepared.error());
    const bool has_transaction = prepared && *prepared;
    if (done) {
        const Unlocked unlocked(mutex_);
        done = write_pieces(level, has_transaction);
    }
    finish(done && has_transaction);
    return done;
}

Outcome<> Volume::collect_data(bool& changed) {
    Outcome<> result;
    while (File* file = wanted_files_.pop_front()) {
        file->is_wanted_ = false;
        if (result) result = file->collect(pieces_, written_pages_);
        changed |= file->changed_in(true) > committed_;
    }
    if (format_->is_broken()) return fail_with(EIO);
    counters_.data_blocks += written_pages_.size();
    return result;
}

/// The records of inodes go into their buffers.
Outcome<> Volume::write_inodes() {
    while (Node* node = changed_nodes_.front()) {
        forget_change(*node);
        CHECK(format_->write_inode(node->index(), node->record()));
    }
    return {};
}

/// So do bitmaps and descriptors.
Outcome<> Volume::write_records() {
    CHECK(write_inodes());
    CHECK(format_->write_groups());
    if (format_->is_broken()) return fail_with(EIO);
    return {};
}

/// False: nothing has been changed.
Outcome<bool> Volume::prepare_transaction() {
    CHECK(write_records());
    if (cache_.changed().empty() && revoked_.empty()) return false;
    if (!journal_.has_room(cache_.changed_count(), revoked_.size())) {
        CHECK(checkpoint());
        // Operations went on meanwhile.
        CHECK(write_records());
        if (!journal_.has_room(cache_.changed_count(), revoked_.size())) return fail_with(EIO);
    }
    counters_.logged_blocks += cache_.changed_count();
    counters_.revokes += revoked_.size();
    if (faults_.no_revoke) revoked_.clear();
    CHECK(journal_.add(cache_.changed(), revoked_, pieces_));
    CHECK(written_buffers_.reserve(cache_.changed_count()));
    while (Buffer* buffer = cache_.changed().front()) {
        BlockCache::drop_committed(*buffer);
        cache_.unchange(*buffer);
        buffer->is_logged = true;
        buffer->is_written = true;
        CHECK(written_buffers_.push_back(buffer));
    }
    revoked_.clear();
    freed_ = format_->take_freed();
    cache_.begin_commit();
    ++transaction_;
    TRY(commit_block_, journal_.commit_block());
    return true;
}

Outcome<> Volume::write_pieces(Level level, bool has_transaction) {
    if (!pieces_.empty()) CHECK(store_.write({pieces_.begin(), pieces_.size()}));
    if (level == Level::data) return {};
    if (!has_transaction) return store_.flush();
    // What the transaction refers to is on the disk ahead of its commit block.
    if (!faults_.no_flush_before_commit) CHECK(store_.flush());
    CHECK(store_.write({&commit_block_, 1}));
    return store_.flush();
}

void Volume::finish(bool has_transaction) {
    for (Page* page : written_pages_) page->file->written(*page);
    for (Buffer* buffer : written_buffers_) cache_.written(*buffer);
    written_pages_.clear();
    written_buffers_.clear();
    cache_.shrink(most_buffers);
    if (!has_transaction) return;
    format_->release(freed_);
    freed_ = {};
    cache_.end_commit();
    journal_.committed();
    committed_ = transaction_ - 1;
    ++counters_.commits;
}

/// Writes home what the log has. Nothing of this round's transaction is in it yet.
Outcome<> Volume::checkpoint() {
    Array<Buffer*> buffers;
    Array<StorePiece> home;
    CHECK(cache_.logged(buffers));
    for (Buffer* buffer : buffers) {
        std::byte* data = buffer->committed != nullptr ? buffer->committed : buffer->data;
        // In the running transaction it has no committed contents only if it was new: then it is not logged.
        CHECK(home.push_back({buffer->number * block_size_, data, block_size_}));
    }
    for (Buffer* buffer : buffers) buffer->is_written = true;
    sort(home);
    Outcome<> done;
    {
        const Unlocked unlocked(mutex_);
        if (!home.empty()) done = store_.write({home.begin(), home.size()});
        if (done) done = store_.flush();
        if (done) done = journal_.clear();
        // Ahead of the first block that takes the place of an old one.
        if (done) done = store_.flush();
    }
    for (Buffer* buffer : buffers) {
        buffer->is_logged = false;
        BlockCache::drop_committed(*buffer);
        cache_.written(*buffer);
    }
    ++counters_.checkpoints;
    return done;
}

void Volume::abort(const char* why) {
    if (is_aborted_) return;
    is_aborted_ = true;
    warn("ext4 on %s: %s: it is read-only now (run e2fsck)", store_.name(), why);
    if (options_.on_error == OnError::panic) panic("ext4 on %s: %s (errors=panic)", store_.name(), why);
    condition_.wake_all();
}

}  // namespace tenon::ext4
