// SPDX-License-Identifier: Apache-2.0
// A file's blocks in memory: read ahead, and written behind.
#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/fs/ext4/file.h"
#include "kernel/fs/ext4/volume.h"

namespace tenon::ext4 {

namespace {

using CleanList = IntrusiveList<Page, CleanTag>;
using DirtyList = IntrusiveList<Page, DirtyTag>;

/// Bytes that are read at once, and that are read ahead of a program that reads on.
constexpr std::uint64_t longest_read = 1 << 20, first_ahead = 64 << 10, longest_ahead = 512 << 10;

}  // namespace

File::~File() { drop_contents(); }

Outcome<Extent> File::map(std::uint64_t index) {
    if (index - extent_.logical < extent_.count) {
        const std::uint64_t ahead = index - extent_.logical;
        return Extent{index, extent_.is_mapped ? extent_.physical + ahead : 0, extent_.count - ahead, extent_.is_mapped,
                      extent_.is_unwritten};
    }
    TRY(extent_, volume().format().map(this->index(), record(), index));
    return extent_;
}

Outcome<Page*> File::make_page(std::uint64_t index) {
    CHECK(volume().limit_pages());
    auto* data = static_cast<std::byte*>(heap_allocate(block_size()));
    void* memory = heap_allocate(sizeof(Page));
    Page* page = data != nullptr && memory != nullptr ? new (memory) Page{} : nullptr;
    if (page == nullptr || !pages_.insert(index, *page)) {
        heap_free(data);
        heap_free(memory);
        return fail_with(ENOMEM);
    }
    page->file = this;
    page->index = index;
    page->data = data;
    volume().count_pages(1);
    return page;
}

void File::unreserve(Page& page) {
    if (!std::exchange(page.is_reserved, false)) return;
    volume().unreserve();
    --reserved_;
}

void File::destroy(Page& page) {
    if (page.is_dirty) {
        DirtyList::remove(page);
        volume().count_dirty(-1);
    } else if (page.ListLink<CleanTag>::linked()) {
        CleanList::remove(page);
    }
    unreserve(page);
    pages_.erase(page.index);
    volume().count_pages(-1);
    heap_free(page.data);
    heap_free(&page);
}

void File::drop_contents() {
    volume().unwant(*this);
    std::uint64_t index = 0;
    for (; Page* page = pages_.next(index); ++index) destroy(*page);
}

void File::wait_until_idle() {
    while (is_busy()) volume().condition().wait(volume().mutex());
}

void File::make_clean(Page& page) { volume().clean_pages().push_back(page); }

void File::make_dirty(Page& page) {
    if (page.is_dirty) return;
    if (page.ListLink<CleanTag>::linked()) CleanList::remove(page);
    page.is_dirty = true;
    dirty_.push_back(page);
    volume().count_dirty(1);
}

Outcome<> File::load(std::uint64_t index, std::uint64_t wanted) {
    const std::uint64_t block = block_size();
    // Whoever reads on from the last place gets twice as much each time.
    ahead_ = index == next_read_ ? std::clamp(ahead_ * 2, first_ahead / block, longest_ahead / block) : 0;
    TRY(const Extent extent, map(index));
    const std::uint64_t end = (size_ + block - 1) / block;
    const std::uint64_t most = std::min({std::max<std::uint64_t>(wanted + ahead_, 1),
                                         std::max<std::uint64_t>(longest_read / block, 1), extent.count, end - index});
    Array<StorePiece> pieces;
    CHECK(pieces.reserve(most));
    for (std::uint64_t i = 0; i != most && pages_.find(index + i) == nullptr; ++i) {
        const auto page = make_page(index + i);
        if (!page && i == 0) return std::unexpected(page.error());
        if (!page) break;
        (*page)->is_read = true;
        ++busy_count_;
        CHECK(pieces.push_back({(extent.physical + i) * block, (*page)->data, block}));
    }
    Outcome<> done;
    {
        const Unlocked unlocked(volume().mutex());
        done = volume().store().read({pieces.begin(), pieces.size()});
    }
    for (std::uint64_t i = 0; i != pieces.size(); ++i) {
        Page& page = *pages_.find(index + i);
        page.is_read = false;
        --busy_count_;
        make_clean(page);
        // Behind the end there may be anything.
        if (const std::uint64_t begin = page.index * block; done && begin < size_ && size_ - begin < block)
            std::memset(page.data + (size_ - begin), 0, block - (size_ - begin));
        if (!done) destroy(page);
    }
    volume().condition().wake_all();
    return done;
}

Outcome<Page*> File::page_for_write(std::uint64_t index, std::size_t begin, std::size_t end) {
    if (volume().is_dirty_limit_reached()) {
        volume().want(*this);
        CHECK(volume().round(Level::data));
        // Others may have most of the pages.
        if (volume().is_dirty_limit_reached()) CHECK(volume().write_all_data());
    }
    if (Page* page = pages_.find(index); page != nullptr) {
        if (!page->is_read) return page;
        volume().condition().wait(volume().mutex());
        return nullptr;
    }
    const std::uint64_t block = block_size();
    TRY(const Extent extent, map(index));
    const bool has_contents = extent.is_mapped && !extent.is_unwritten && index * block < size_;
    const bool is_overwritten = begin == 0 && (end == block || index * block + end >= size_);
    if (has_contents && !is_overwritten) {
        CHECK(load(index, 1));
        return nullptr;
    }
    if (!extent.is_mapped) {
        if (auto done = volume().reserve(); !done) {
            if (!volume().may_find_room()) return std::unexpected(done.error());
            CHECK(volume().round(Level::commit));
            return nullptr;
        }
    }
    const auto page = make_page(index);
    if (!page) {
        if (!extent.is_mapped) volume().unreserve();
        return std::unexpected(page.error());
    }
    (*page)->is_reserved = !extent.is_mapped;
    if (!extent.is_mapped) ++reserved_;
    std::memset((*page)->data, 0, begin);
    std::memset((*page)->data + end, 0, block - end);
    make_clean(**page);
    return *page;
}

void File::want_written() {
    if (is_dirty()) volume().want(*this);
}

/// Blocks for a hole of `count`: as many as are neighbours on the disk.
Outcome<BlockRange> File::give_blocks(std::uint64_t index, std::uint64_t count) {
    Format& format = volume().format();
    const std::uint64_t goal = goal_ != 0 ? goal_ : format.goal(this->index(), record(), index);
    TRY(const BlockRange blocks, format.allocate(goal, count));
    CHECK(format.insert(this->index(), record(), index, blocks));
    goal_ = blocks.first + blocks.count;
    return blocks;
}

Outcome<> File::collect(Array<StorePiece>& pieces, Array<Page*>& pages) {
    const std::size_t first = pages.size();
    Outcome<> listed;
    dirty_.for_each([&](Page& page) {
        if (listed) listed = pages.push_back(&page);
    });
    std::size_t collected = first;
    const auto collect_run = [&](std::size_t run) -> Outcome<std::size_t> {
        const std::uint64_t index = pages[collected]->index;
        TRY(const Extent extent, map(index));
        BlockRange blocks{extent.physical, std::min<std::uint64_t>(run, extent.count)};
        if (!extent.is_mapped) {
            TRY(blocks, give_blocks(index, blocks.count));
        } else if (extent.is_unwritten) {
            CHECK(volume().format().mark_written(this->index(), record(), index, blocks.count));
        }
        if (!extent.is_mapped || extent.is_unwritten) {
            extent_ = {};
            note_change(true);
        }
        for (std::uint64_t i = 0; i != blocks.count; ++i)
            CHECK(pieces.push_back({(blocks.first + i) * block_size(), pages[collected + i]->data, block_size()}));
        return blocks.count;
    };
    Outcome<> result = std::move(listed);
    std::sort(pages.begin() + first, pages.end(),
              [](const Page* one, const Page* other) { return one->index < other->index; });
    while (result && collected != pages.size()) {
        std::size_t run = 1;
        while (collected + run != pages.size() && pages[collected + run]->index == pages[collected]->index + run) ++run;
        const auto count = collect_run(run);
        if (!count) {
            result = std::unexpected(count.error());
            break;
        }
        for (const std::size_t end = collected + *count; collected != end; ++collected) {
            Page& page = *pages[collected];
            DirtyList::remove(page);
            page.is_dirty = false;
            volume().count_dirty(-1);
            unreserve(page);
            page.is_written = true;
            ++busy_count_;
        }
    }
    pages.truncate(collected);
    if (result && record().size() != size_) {
        record().set_size(size_);
        note_change(true);
    }
    return result;
}

void File::written(Page& page) {
    page.is_written = false;
    --busy_count_;
    if (!page.is_dirty) make_clean(page);
}

}  // namespace tenon::ext4
