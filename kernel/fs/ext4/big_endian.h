// SPDX-License-Identifier: Apache-2.0
// Numbers in the journal.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace tenon::ext4 {

inline std::uint32_t load_big(const std::byte* from) {
    std::uint32_t value;
    std::memcpy(&value, from, sizeof value);
    return std::byteswap(value);
}
inline void store_big(std::byte* to, std::uint64_t value) {
    const std::uint32_t swapped = std::byteswap(static_cast<std::uint32_t>(value));
    std::memcpy(to, &swapped, sizeof swapped);
}

}  // namespace tenon::ext4
