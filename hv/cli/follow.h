// SPDX-License-Identifier: Apache-2.0
// Printing a bounded log as it grows.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hv/core/error.h"

namespace hv {

/// Takes from the beginning of a log's text what is complete enough, and returns what is printed of it.
using TakeText = std::function<std::string(std::string& text)>;

/// One that takes whole lines, and prints what `show` makes of each: a line, or nothing.
[[nodiscard]] TakeText take_lines(std::function<std::string(std::string_view line)> show);

/// Prints the last `lines` lines of what `take` makes of the log at `path`, its older file included, then what is
/// added, until `over` says so and everything is printed. The log may be made later. Errors: internal (standard output
/// is gone).
Result<> follow_log(const std::string& path, std::uint64_t lines, const std::function<bool()>& over,
                    const TakeText& take);

}  // namespace hv
