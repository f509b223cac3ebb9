// SPDX-License-Identifier: Apache-2.0
// `pvbench --compare` and `pvbench --report`, which read what pvbench has written. In the Linux build only.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "images/pvbench/report/page.h"

namespace pvbench {

/// How these commands are used, in lines.
extern const std::string_view report_usage;

/// Runs the command that `arguments` (without the program's name) begin with, and returns its exit code: 0; 1 if
/// --compare has found something worse than the baseline; 2 for wrong usage, a file that cannot be read or written, or
/// one that is damaged. Nothing if `arguments` begin with neither of the two.
[[nodiscard]] std::optional<int> run_report_command(std::span<const std::string_view> arguments,
                                                    DescribeMeasure describe);

}  // namespace pvbench
