// SPDX-License-Identifier: Apache-2.0
// A result as a table for people.
#pragma once

#include <string>

#include "result.h"

namespace pvbench {

/// Lines, each with its end: the platform, a line for each measure, and what was left out with its reason.
[[nodiscard]] std::string to_table(const Result& result);

}  // namespace pvbench
