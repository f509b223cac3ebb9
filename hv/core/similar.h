// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hv {

/// The candidate that `word` was probably meant to be: the nearest by edit distance (insert, delete, replace, swap two
/// neighbours), the first of equals. Empty: none is near.
[[nodiscard]] std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

/// " (did you mean 'stop'?)", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace hv
