// SPDX-License-Identifier: Apache-2.0
// Writing RAM to the swap, in pieces.
#include "hv/accel/kvm/page_out.h"

#include <sys/mman.h>

#include <algorithm>
#include <array>

#include "hv/core/counters.h"
#include "hypercall/layout.h"

namespace hv::kvm {

namespace {

using tenon::abi::page_size;

Counter pages_offered("kvm.pages_offered_to_swap");

constexpr std::uint64_t piece_pages = 1024;

std::uint64_t resident_pages(std::span<std::byte> memory) {
    std::array<unsigned char, piece_pages> resident{};
    if (mincore(memory.data(), memory.size(), resident.data()) != 0) return 0;
    return static_cast<std::uint64_t>(
        std::ranges::count_if(resident, [](unsigned char flags) { return (flags & 1) != 0; }));
}

}  // namespace

PageOut::~PageOut() {
    if (timer_ != 0) loop_.cancel(timer_);
}

void PageOut::start(std::uint64_t bytes) {
    bytes_left_ = bytes;
    round_left_ = 0;
    for (const auto& range : pages_.ranges()) round_left_ += range.size;
    if (timer_ == 0) timer_ = loop_.after(0, [this] { turn(); });
}

void PageOut::turn() {
    timer_ = 0;
    if (bytes_left_ == 0 || round_left_ == 0) return;
    const GuestPages::Range piece = next_piece();
    round_left_ -= std::min(round_left_, piece.size);
    const std::span<std::byte> memory = locate_(piece);
    if (const std::uint64_t pages = resident_pages(memory); pages != 0) {
        madvise(memory.data(), memory.size(), MADV_PAGEOUT);
        pages_offered.add(pages);
        bytes_left_ -= std::min(bytes_left_, pages * page_size);
    }
    timer_ = loop_.after(0, [this] { turn(); });
}

/// pages_ is never empty: a machine has RAM.
GuestPages::Range PageOut::next_piece() {
    const auto ranges = pages_.ranges();
    if (offset_ == ranges[range_].size) {
        range_ = (range_ + 1) % ranges.size();
        offset_ = 0;
    }
    const GuestPages::Range& range = ranges[range_];
    const std::uint64_t size = std::min(range.size - offset_, piece_pages * page_size);
    const GuestPages::Range piece{range.base + offset_, size};
    offset_ += size;
    return piece;
}

}  // namespace hv::kvm
