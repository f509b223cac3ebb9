// SPDX-License-Identifier: Apache-2.0
// A file in RAM.
#include "kernel/fs/tmpfs/regular_file.h"

#include <algorithm>
#include <cstring>

#include "kernel/base/address.h"

namespace tenon::tmpfs {

namespace {

/// The part of a page from `offset` on, `size` bytes at most.
std::size_t part_of_page(std::uint64_t offset, std::size_t size) {
    return std::min<std::size_t>(size, page_size - offset % page_size);
}

}  // namespace

void RegularFile::measure(struct stat& status) const {
    status.st_size = static_cast<off_t>(size_);
    status.st_blocks = static_cast<blkcnt_t>(pages_.count() * (page_size / 512));
}

Outcome<std::size_t> RegularFile::read(std::span<std::byte> buffer, off_t offset) {
    const std::lock_guard guard(mutex_);
    std::uint64_t at = static_cast<std::uint64_t>(offset);
    touch_accessed();
    if (at >= size_) return 0;
    const std::size_t total = std::min<std::uint64_t>(buffer.size(), size_ - at);
    for (std::size_t done = 0; done != total;) {
        const std::size_t part = part_of_page(at, total - done);
        if (const std::byte* page = pages_.find(at / page_size); page != nullptr)
            std::memcpy(buffer.data() + done, page + at % page_size, part);
        else
            std::memset(buffer.data() + done, 0, part);
        done += part;
        at += part;
    }
    return total;
}

Outcome<std::size_t> RegularFile::store(std::span<const std::byte> data, std::uint64_t offset) {
    for (std::size_t done = 0; done != data.size();) {
        const std::size_t part = part_of_page(offset + done, data.size() - done);
        const auto page = pages_.obtain((offset + done) / page_size, part == page_size);
        if (!page) return done != 0 ? Outcome<std::size_t>(done) : std::unexpected(page.error());
        std::memcpy(*page + (offset + done) % page_size, data.data() + done, part);
        done += part;
    }
    return data.size();
}

Outcome<std::size_t> RegularFile::write(std::span<const std::byte> data, off_t& offset, bool append) {
    const std::lock_guard guard(mutex_);
    if (append) offset = static_cast<off_t>(size_);
    if (data.empty()) return 0;
    const auto at = static_cast<std::uint64_t>(offset);
    TRY(const std::size_t size, store(data, at));
    size_ = std::max(size_, at + size);
    touch_modified();
    return size;
}

Outcome<> RegularFile::resize(off_t new_size) {
    const std::lock_guard guard(mutex_);
    const auto size = static_cast<std::uint64_t>(new_size);
    if (size < size_) {
        pages_.cut((size + page_size - 1) / page_size);
        // What is cut reads as zeros when the file grows again.
        if (std::byte* last = pages_.find(size / page_size); last != nullptr)
            std::memset(last + size % page_size, 0, page_size - size % page_size);
    }
    if (size != size_ || size == 0) touch_modified();
    size_ = size;
    return {};
}

Outcome<off_t> RegularFile::find(off_t offset, bool hole) {
    const std::lock_guard guard(mutex_);
    const auto at = static_cast<std::uint64_t>(offset);
    if (at >= size_) return fail_with(ENXIO);
    const std::uint64_t index = at / page_size;
    const std::uint64_t found = hole ? pages_.next_hole(index) : pages_.next_page(index);
    if (found == SparsePages::none) return fail_with(ENXIO);
    if (found == index) return offset;
    // The end of the file is a hole too, and no data.
    const std::uint64_t result = found * page_size;
    if (result >= size_ && !hole) return fail_with(ENXIO);
    return static_cast<off_t>(std::min(result, size_));
}

}  // namespace tenon::tmpfs
