// SPDX-License-Identifier: Apache-2.0
// Printing a bounded log as it grows.
#pragma once

#include <functional>
#include <string>

#include "hv/core/error.h"

namespace hv {

/// Prints the last `lines` lines of the log at `path`, its older file included, then what is added, until `over` says
/// so and everything is printed. `wanted` chooses lines; empty = the text as it is, also unfinished lines.
/// Errors: not_found, internal (standard output is gone).
Result<> follow_log(const std::string& path, std::uint64_t lines, const std::function<bool()>& over,
                    const std::function<bool(std::string_view line)>& wanted = {});

}  // namespace hv
