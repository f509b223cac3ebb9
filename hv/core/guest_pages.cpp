// SPDX-License-Identifier: Apache-2.0
// The RAM that a guest may give back.
#include "hv/core/guest_pages.h"

#include <algorithm>

#include "hypercall/layout.h"

namespace hv {

namespace {

using Range = GuestPages::Range;
using tenon::abi::page_size;

std::uint64_t end_of(const Range& range) { return range.base + range.size; }

/// The parts of `ranges` outside of `kept`.
std::vector<Range> without(const std::vector<Range>& ranges, const Range& kept) {
    std::vector<Range> rest;
    for (const Range& range : ranges) {
        const std::uint64_t before = std::min(end_of(range), kept.base);
        const std::uint64_t after = std::max(range.base, end_of(kept));
        if (before > range.base) rest.push_back({range.base, before - range.base});
        if (after < end_of(range)) rest.push_back({after, end_of(range) - after});
    }
    return rest;
}

}  // namespace

GuestPages::GuestPages(std::span<const Range> ram, std::span<const Range> kept, Discard discard)
    : ranges_(ram.begin(), ram.end()), discard_(std::move(discard)) {
    for (const Range& range : kept)
        if (range.size != 0) ranges_ = without(ranges_, range);
}

bool GuestPages::contains(const Range& range) const {
    if (range.size == 0 || range.base % page_size != 0 || range.size % page_size != 0) return false;
    return std::ranges::any_of(ranges_, [&range](const Range& own) {
        if (range.base < own.base) return false;
        const std::uint64_t offset = range.base - own.base;
        return offset < own.size && range.size <= own.size - offset;
    });
}

}  // namespace hv
