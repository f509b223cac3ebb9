// SPDX-License-Identifier: Apache-2.0
// The object sizes for which the heap has slabs.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernel/base/address.h"

namespace tenon {

/// Multiples of 16 up to 128, then four steps for each doubling, up to 32 KiB: at most a quarter of an object is
/// unused.
namespace size_classes {

inline constexpr std::size_t granule = 16;
inline constexpr std::size_t linear_limit = 128;
inline constexpr std::size_t largest = 32 * 1024;
inline constexpr std::uint32_t linear_count = linear_limit / granule;
inline constexpr std::uint32_t count =
    linear_count + 4 * static_cast<std::uint32_t>(std::countr_zero(largest) - std::countr_zero(linear_limit));

/// The smallest class for `size` bytes; size is at least 1 and at most `largest`.
constexpr std::uint32_t index_of(std::size_t size) {
    if (size <= linear_limit) return static_cast<std::uint32_t>((size - 1) / granule);
    // 2^top < size <= 2^(top + 1), cut in four.
    const auto top = static_cast<std::uint32_t>(std::bit_width(size - 1)) - 1;
    const auto quarter = static_cast<std::uint32_t>((size - 1) >> (top - 2)) & 3;
    return linear_count + (top - 7) * 4 + quarter;
}

constexpr std::size_t size_of(std::uint32_t index) {
    if (index < linear_count) return (std::size_t{index} + 1) * granule;
    const std::uint32_t step = index - linear_count;
    return std::size_t{step % 4 + 5} << (step / 4 + 5);
}

struct Slab {
    std::uint32_t object_size;
    std::uint16_t object_count;
    std::uint8_t order;        ///< of its block of pages
    std::uint32_t reciprocal;  ///< offset / object_size = offset * reciprocal >> 32, for every offset in a slab
};

/// Slabs of large objects have several pages, so that few bytes at the end are wasted; unused pages stay untouched.
constexpr Slab slab_of(std::uint32_t index) {
    const std::size_t size = size_of(index);
    std::uint32_t order = 0;
    for (;; ++order) {
        const std::size_t bytes = page_size << order;
        const std::size_t objects = bytes / size;
        const std::size_t waste = bytes - objects * size;
        if (objects >= 4 && waste * 8 <= bytes) break;
    }
    return {static_cast<std::uint32_t>(size), static_cast<std::uint16_t>((page_size << order) / size),
            static_cast<std::uint8_t>(order), static_cast<std::uint32_t>(((1ULL << 32) + size - 1) / size)};
}

inline constexpr auto slabs = [] {
    std::array<Slab, count> result{};
    for (std::uint32_t i = 0; i != count; ++i) result[i] = slab_of(i);
    return result;
}();

static_assert(size_of(count - 1) == largest && index_of(largest) == count - 1);
static_assert([] {
    for (std::size_t size = 1; size <= largest; ++size) {
        const std::uint32_t index = index_of(size);
        if (size_of(index) < size || (index != 0 && size_of(index - 1) >= size)) return false;
        if (size > largest / 64 && size + 61 <= largest)
            size += 61;  // some suffice: evaluating all takes the compiler long
    }
    return true;
}());
/// Multiplying by the reciprocal yields the right object number at both ends of every object.
static_assert([] {
    for (const Slab& slab : slabs)
        for (std::uint64_t object = 0; object != slab.object_count; ++object) {
            const std::uint64_t first = object * slab.object_size, last = first + slab.object_size - 1;
            if ((first * slab.reciprocal) >> 32 != object || (last * slab.reciprocal) >> 32 != object) return false;
        }
    return true;
}());

}  // namespace size_classes
}  // namespace tenon
