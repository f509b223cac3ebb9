// SPDX-License-Identifier: Apache-2.0
// Taking a text apart.
#pragma once

#include <string_view>

namespace tenon {

/// Returns the part of `text` before the first `separator`, and leaves in `text` the part after it; without one all of
/// it, and nothing.
constexpr std::string_view cut(std::string_view& text, char separator) {
    const std::size_t end = text.find(separator);
    std::string_view head = text;
    text = std::string_view{};
    if (end != std::string_view::npos) {
        text = std::string_view(head.data() + end + 1, head.size() - end - 1);
        head = std::string_view(head.data(), end);
    }
    return head;
}

}  // namespace tenon
