// SPDX-License-Identifier: Apache-2.0
// Small helpers for text that came from a user or a file.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hv {

/// The parts between separators; at least one, empty parts included. They point into `text`.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

/// A decimal number that is the whole text; no sign, no space.
[[nodiscard]] inline std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// `text` with '?' for control characters, which a terminal would obey: a guest's text must not move the cursor or
/// change the title. Other characters than ASCII's stay.
[[nodiscard]] inline std::string without_controls(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
    return text;
}

/// A C string of a crashed guest for a person's terminal: up to the first zero, with '?' for all but printable ASCII.
[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string result(text.substr(0, text.find('\0')));
    std::ranges::replace_if(
        result, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
    return result;
}

}  // namespace hv
