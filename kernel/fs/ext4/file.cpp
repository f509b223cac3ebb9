// SPDX-License-Identifier: Apache-2.0
// A regular file on the disk: reading, writing, its size.
#include "kernel/fs/ext4/file.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>

#include "kernel/fs/ext4/volume.h"

namespace tenon::ext4 {

std::uint64_t File::block_size() const { return volume().block_size(); }

Outcome<std::size_t> File::read(std::span<std::byte> buffer, off_t offset) {
    const std::lock_guard guard(volume().mutex());
    const std::uint64_t block = block_size();
    auto at = static_cast<std::uint64_t>(offset);
    touch_accessed();
    std::size_t done = 0;
    // The size may change whenever the disk is read.
    while (done != buffer.size() && at < size_) {
        const std::size_t within = at % block;
        const std::size_t part = std::min<std::uint64_t>({buffer.size() - done, block - within, size_ - at});
        const std::uint64_t index = at / block;
        if (Page* page = pages_.find(index); page != nullptr) {
            if (page->is_read) {
                volume().condition().wait(volume().mutex());
                continue;
            }
            std::memcpy(buffer.data() + done, page->data + within, part);
            if (!page->is_dirty && !page->is_written) {
                IntrusiveList<Page, CleanTag>::remove(*page);
                volume().clean_pages().push_back(*page);
            }
        } else {
            const auto extent = map(index);
            Outcome<> loaded;
            if (!extent)
                loaded = std::unexpected(extent.error());
            else if (extent->is_mapped && !extent->is_unwritten)
                loaded = load(index, (within + buffer.size() - done + block - 1) / block);
            if (!loaded) {
                if (done != 0) break;
                return std::unexpected(loaded.error());
            }
            if (extent->is_mapped && !extent->is_unwritten) continue;
            std::memset(buffer.data() + done, 0, part);
        }
        done += part;
        at += part;
        next_read_ = at / block;
    }
    return done;
}

Outcome<std::size_t> File::store(std::span<const std::byte> data, std::uint64_t offset) {
    const std::uint64_t block = block_size();
    std::size_t done = 0;
    while (done != data.size()) {
        const std::size_t within = (offset + done) % block;
        const std::size_t part = std::min(data.size() - done, static_cast<std::size_t>(block - within));
        const auto page = page_for_write((offset + done) / block, within, within + part);
        if (!page) {
            if (done != 0) return done;
            return std::unexpected(page.error());
        }
        if (*page == nullptr) continue;
        std::memcpy((*page)->data + within, data.data() + done, part);
        make_dirty(**page);
        done += part;
        size_ = std::max(size_, offset + done);
    }
    return done;
}

Outcome<std::size_t> File::write(std::span<const std::byte> data, off_t& offset, bool append) {
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(0));
    if (append) offset = static_cast<off_t>(size_);
    if (data.empty()) return 0;
    const auto at = static_cast<std::uint64_t>(offset);
    const std::uint64_t most = volume().format().most_blocks(record()) * block_size();
    if (at >= most) return fail_with(EFBIG);
    data = data.first(static_cast<std::size_t>(std::min<std::uint64_t>(data.size(), most - at)));
    TRY(const std::size_t size, store(data, at));
    touch_modified();
    return size;
}

/// The last block's bytes behind `size` become zeros, as when the file grows again they are read.
Outcome<> File::zero_tail(std::uint64_t size) {
    const std::size_t within = size % block_size();
    if (within == 0) return {};
    const std::uint64_t index = size / block_size();
    for (;;) {
        if (pages_.find(index) == nullptr) {
            TRY(const Extent extent, map(index));
            if (!extent.is_mapped || extent.is_unwritten) return {};
        }
        TRY(Page * page, page_for_write(index, within, within));
        if (page == nullptr) continue;
        std::memset(page->data + within, 0, block_size() - within);
        make_dirty(*page);
        // Ahead of the commit that makes the file shorter: otherwise what was cut off may be seen again after a crash.
        volume().want(*this);
        return {};
    }
}

Outcome<> File::shorten(std::uint64_t size) {
    CHECK(zero_tail(size));
    wait_until_idle();
    const std::uint64_t kept = (size + block_size() - 1) / block_size();
    std::uint64_t index = kept;
    for (; Page* page = pages_.next(index); ++index) destroy(*page);
    size_ = size;
    if (size < record().size()) record().set_size(size);
    extent_ = {};
    goal_ = 0;
    note_change(true);
    return volume().end(volume().cut(*this, kept));
}

Outcome<> File::resize(off_t new_size) {
    const std::lock_guard guard(volume().mutex());
    CHECK(volume().begin(0));
    const auto size = static_cast<std::uint64_t>(new_size);
    if (size > volume().format().most_blocks(record()) * block_size()) return fail_with(EFBIG);
    if (size < size_) {
        CHECK(shorten(size));
    } else if (size != size_) {
        size_ = size;
        // Otherwise it follows the pages that are to be written.
        if (dirty_.empty() && !is_busy()) record().set_size(size);
        note_change(true);
    }
    touch_modified();
    return {};
}

/// Whether a block is data, and how many like it follow at least.
Outcome<bool> File::is_data(std::uint64_t index, std::uint64_t& count) {
    count = 1;
    if (pages_.find(index) != nullptr) return true;
    TRY(const Extent extent, map(index));
    const bool data = extent.is_mapped && !extent.is_unwritten;
    std::uint64_t next = index;
    count = extent.count;
    if (!data && pages_.next(next) != nullptr) count = std::min(count, next - index);
    return data;
}

Outcome<off_t> File::find(off_t offset, bool hole) {
    const std::lock_guard guard(volume().mutex());
    const auto at = static_cast<std::uint64_t>(offset);
    if (at >= size_) return fail_with(ENXIO);
    const std::uint64_t end = (size_ + block_size() - 1) / block_size();
    for (std::uint64_t index = at / block_size(), count = 0; index < end; index += count) {
        TRY(const bool data, is_data(index, count));
        if (data != hole) return static_cast<off_t>(std::max(at, index * block_size()));
    }
    // The end of the file is a hole too.
    if (!hole) return fail_with(ENXIO);
    return static_cast<off_t>(size_);
}

}  // namespace tenon::ext4
