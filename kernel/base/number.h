// SPDX-License-Identifier: Apache-2.0
// Numbers from text.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tenon {

/// Takes a number off the front of `text`: decimal or 0x, with a suffix K, M or G (either case) for powers of 1024.
/// Nothing: `text` does not begin with a number, or the number does not fit; then `text` is undefined.
[[nodiscard]] std::optional<std::uint64_t> take_number(std::string_view& text);

/// All of `text` as a number, as take_number() reads it.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace tenon
