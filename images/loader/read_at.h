// SPDX-License-Identifier: Apache-2.0
// Reading structures out of untrusted bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace tenon::loader {

/// Whether [begin, begin + size) lies below `limit`. The computation does not wrap.
constexpr bool fits(std::uint64_t begin, std::uint64_t size, std::uint64_t limit) {
    return begin <= limit && size <= limit - begin;
}

/// Nothing: it does not lie in the bytes, or not all of it.
template <typename T>
std::optional<T> read_at(std::span<const std::byte> bytes, std::uint64_t offset) {
    if (!fits(offset, sizeof(T), bytes.size())) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

}  // namespace tenon::loader
