// SPDX-License-Identifier: Apache-2.0
// Reading firmware's tables.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace tenon::acpi {

using Bytes = std::span<const std::byte>;

/// Zero if the table is too short: older revisions of a table lack some fields, and zero means "not used".
template <typename T>
T field(Bytes table, std::size_t offset) {
    T value{};
    if (offset <= table.size() && sizeof(T) <= table.size() - offset)
        std::memcpy(&value, table.data() + offset, sizeof(T));
    return value;
}

inline bool begins_with(Bytes bytes, std::string_view text) {
    return bytes.size() >= text.size() && std::memcmp(bytes.data(), text.data(), text.size()) == 0;
}

inline bool sums_to_zero(Bytes bytes) {
    unsigned sum = 0;
    for (const std::byte byte : bytes) sum += static_cast<unsigned>(byte);
    return (sum & 0xFF) == 0;
}

}  // namespace tenon::acpi
