// SPDX-License-Identifier: Apache-2.0
// A file's pages.
#include "kernel/fs/tmpfs/sparse_pages.h"

#include <cstring>

#include "kernel/mm/heap.h"
#include "kernel/mm/page_allocator.h"

namespace tenon::tmpfs {

bool SparsePages::reaches(std::uint64_t index) const {
    return branch_bits * levels_ >= 64 || index >> (branch_bits * levels_) == 0;
}

std::byte* SparsePages::find(std::uint64_t index) const {
    if (!reaches(index)) return nullptr;
    void* place = top_;
    for (unsigned level = levels_; level != 0 && place != nullptr; --level)
        place = static_cast<Node*>(place)->branch[index / span(level) % branches];
    return static_cast<std::byte*>(place);
}

Outcome<> SparsePages::grow(std::uint64_t index) {
    while (!reaches(index)) {
        if (top_ != nullptr) {
            auto* node = static_cast<Node*>(heap_allocate_zeroed(sizeof(Node)));
            if (node == nullptr) return fail_with(ENOMEM);
            node->branch[0] = top_;
            top_ = node;
        }
        ++levels_;
    }
    return {};
}

Outcome<> SparsePages::make_page(void*& place, bool overwritten) {
    if (!budget_.take()) return fail_with(ENOSPC);
    place = allocate_pages(0);
    if (place == nullptr) {
        budget_.give_back();
        return fail_with(ENOMEM);
    }
    if (!overwritten) std::memset(place, 0, page_size);
    ++count_;
    return {};
}

Outcome<std::byte*> SparsePages::obtain(std::uint64_t index, bool overwritten) {
    CHECK(grow(index));
    void** place = &top_;
    for (unsigned level = levels_; level != 0; --level) {
        // A node that stays without a page is freed with the file, or found again.
        if (*place == nullptr) *place = heap_allocate_zeroed(sizeof(Node));
        if (*place == nullptr) return fail_with(ENOMEM);
        place = &static_cast<Node*>(*place)->branch[index / span(level) % branches];
    }
    if (*place == nullptr) CHECK(make_page(*place, overwritten));
    return static_cast<std::byte*>(*place);
}

bool SparsePages::cut(void*& place, unsigned level, std::uint64_t first) {
    if (place == nullptr) return true;
    if (level == 0) {
        if (first != 0) return false;
        free_pages(place, 0);
        budget_.give_back();
        --count_;
    } else {
        auto* node = static_cast<Node*>(place);
        bool is_empty = true;
        for (std::size_t i = 0; i != branches; ++i) {
            const std::uint64_t begin = i * span(level);
            // What is ahead of `first` stays; beyond 2^64 there is nothing.
            const std::uint64_t within = first > begin ? first - begin : 0;
            if (within < span(level))
                is_empty &= cut(node->branch[i], level - 1, within);
            else
                is_empty &= node->branch[i] == nullptr;
        }
        if (!is_empty) return false;
        heap_free(node);
    }
    place = nullptr;
    return true;
}

void SparsePages::cut(std::uint64_t first) {
    if (cut(top_, levels_, first)) levels_ = 0;
}

std::uint64_t SparsePages::next_page(const void* place, unsigned level, std::uint64_t index) {
    if (place == nullptr) return none;
    if (level == 0) return index == 0 ? 0 : none;
    const auto* node = static_cast<const Node*>(place);
    for (std::uint64_t i = index / span(level); i < branches; ++i) {
        const std::uint64_t begin = i * span(level);
        const std::uint64_t found = next_page(node->branch[i], level - 1, index > begin ? index - begin : 0);
        if (found != none) return begin + found;
    }
    return none;
}

std::uint64_t SparsePages::next_page(std::uint64_t index) const { return next_page(top_, levels_, index); }

std::uint64_t SparsePages::next_hole(std::uint64_t index) const {
    while (find(index) != nullptr) ++index;
    return index;
}

}  // namespace tenon::tmpfs
