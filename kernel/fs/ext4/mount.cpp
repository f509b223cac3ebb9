// SPDX-License-Identifier: Apache-2.0
// Mounting: the journal's replay, the mark that the file system is in use, orphans; and unmounting.
#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "kernel/console/console.h"
#include "kernel/fs/ext4/volume.h"
#include "kernel/mm/heap.h"

namespace tenon::ext4 {

namespace {

/// Reads straight from the store, for the first look.
class StoreMetadata final : public MetadataStore {
public:
    explicit StoreMetadata(BlockStore& store) : store_(store) {}
    Outcome<> read(std::uint64_t offset, std::span<std::byte> buffer) override {
        // Whole blocks of the largest size that disks have.
        constexpr std::size_t step = 4096;
        alignas(16) std::byte block[step];
        while (!buffer.empty()) {
            const std::size_t within = offset % step;
            const std::size_t size = std::min(buffer.size(), step - within);
            const std::uint64_t begin = offset - within;
            if (begin >= store_.size()) return fail_with(EIO);
            const StorePiece piece{begin, block,
                                   static_cast<std::size_t>(std::min<std::uint64_t>(step, store_.size() - begin))};
            if (within + size > piece.size) return fail_with(EIO);
            CHECK(store_.read({&piece, 1}));
            std::memcpy(buffer.data(), block + within, size);
            buffer = buffer.subspan(size);
            offset += size;
        }
        return {};
    }
    Outcome<> write(std::uint64_t, std::span<const std::byte>) override { return fail_with(EROFS); }
    void freed(std::uint64_t) override {}

private:
    BlockStore& store_;
};

}  // namespace

void* Volume::operator new(std::size_t size, const std::nothrow_t&) noexcept { return heap_allocate(size); }
void Volume::operator delete(void* object) { heap_free(object); }

Volume::Volume(BlockStore& store, std::uint32_t block_size, const Options& options, const Faults& faults)
    : FileSystem("ext4", next_file_system_number(), options.read_only),
      store_(store),
      block_size_(block_size),
      options_(options),
      faults_(faults),
      cache_(store, block_size),
      journal_(store),
      generation_(static_cast<std::uint32_t>(options.seed >> 32)),
      most_pages_(std::max<std::uint64_t>(options.cache_size / block_size, 64)) {}

Volume::~Volume() {
    std::uint64_t number = 0;
    for (; Node* node = nodes_.next(number); ++number) {
        nodes_.erase(number);
        delete node;
    }
    delete format_;
}

Outcome<> Volume::open(const char*& why) {
    std::uint64_t replayed = 0;
    {
        StoreMetadata first_look(store_);
        TRY(Format * format, Format::open(first_look, store_.size(), options_.read_only, true, why));
        auto done = journal_.load(*format, why);
        const bool must_replay = format->needs_recovery();
        delete format;
        CHECK(done);
        if (must_replay && store_.read_only()) {
            why = "its journal has to be replayed, and the disk is read-only";
            return fail_with(EROFS);
        }
        if (must_replay) {
            TRY(replayed, journal_.replay(why));
            why = "the disk cannot be written";
            CHECK(store_.flush());
        }
    }
    TRY(format_, Format::open(*this, store_.size(), options_.read_only, false, why));
    why = "its bitmaps are damaged (run e2fsck)";
    CHECK(format_->read_bitmaps());
    counters_.replayed_blocks = replayed;
    if (replayed != 0)
        warn("ext4 on %s: %llu blocks were replayed from the journal", store_.name(),
             static_cast<unsigned long long>(replayed));
    if (faults_.no_deferred_reuse) format_->reuse_at_once();
    why = "it has no root directory (run e2fsck)";
    TRY(InodeReference root, get(root_inode));
    if (!root->is_directory()) return fail_with(EIO);
    root_ = root.release();
    why = "the disk cannot be written";
    if (!options_.read_only) CHECK(take_over());
    return {};
}

/// From here on a crash means a replay.
Outcome<> Volume::take_over() {
    // A journal that is not empty without the flag in the super block is an inconsistency to e2fsck.
    format_->set_needs_recovery(true);
    format_->set_times(static_cast<std::uint32_t>(time_now().tv_sec), true);
    CHECK(write_super_block_home());
    CHECK(store_.flush());
    CHECK(journal_.start());
    CHECK(store_.flush());
    const std::lock_guard guard(mutex_);
    return end(clear_orphans());
}

/// Straight home: it says what is to be done with the journal.
Outcome<> Volume::write_super_block_home() {
    CHECK(format_->write_super_block());
    TRY(Buffer * buffer, cache_.get(format_->super_block_block(), false));
    const StorePiece piece{buffer->number * block_size_, buffer->data, block_size_};
    CHECK(store_.write({&piece, 1}));
    if (buffer->is_changed) cache_.unchange(*buffer);
    return {};
}

Outcome<Volume*> Volume::mount(BlockStore& store, const Options& asked, const Faults& faults) {
    Options options = asked;
    const char* why = "memory is short";
    std::uint32_t block_size = 0;
    const auto refuse = [&](Errno error) -> Outcome<Volume*> {
        warn("ext4 on %s cannot be mounted: %s", store.name(), why);
        return std::unexpected(error);
    };
    if (store.read_only()) options.read_only = true;
    {
        StoreMetadata first_look(store);
        const auto format = Format::open(first_look, store.size(), options.read_only, true, why);
        if (!format) return refuse(format.error());
        block_size = (*format)->block_size();
        delete *format;
    }
    if (block_size < store.block_size()) {
        why = "its blocks are smaller than those of the disk";
        return refuse({EINVAL});
    }
    why = "memory is short";
    auto* volume = new (std::nothrow) Volume(store, block_size, options, faults);
    if (volume == nullptr) return refuse({ENOMEM});
    if (const auto opened = volume->open(why); !opened) {
        delete volume;
        return refuse(opened.error());
    }
    return volume;
}

Outcome<> Volume::stop() {
    const std::lock_guard guard(mutex_);
    if (read_only() || is_stopped_) return {};
    want_all();
    CHECK(round(Level::commit));
    CHECK(end(free_orphans()));
    CHECK(round(Level::commit));
    // Operations may have gone on meanwhile: what is not written by now was not waited for.
    while (is_writing_) condition_.wait(mutex_);
    is_stopped_ = true;
    is_writing_ = true;
    CHECK(checkpoint());
    // No other round: is_writing_ stays.
    CHECK(journal_.stop());
    CHECK(store_.flush());
    format_->set_needs_recovery(false);
    format_->set_times(static_cast<std::uint32_t>(time_now().tv_sec), false);
    CHECK(write_super_block_home());
    return store_.flush();
}

Outcome<Volume*> mount(BlockStore& store, const Options& options, const Faults& faults) {
    return Volume::mount(store, options, faults);
}

Outcome<> unmount(Volume& volume) {
    auto done = volume.stop();
    delete &volume;
    return done;
}

void abandon(Volume& volume) { delete &volume; }
FileSystem& as_file_system(Volume& volume) { return volume; }
Statistics statistics_of(Volume& volume) { return volume.counters(); }

}  // namespace tenon::ext4
