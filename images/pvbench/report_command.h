// SPDX-License-Identifier: Apache-2.0
// Commands that read results instead of measuring.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace pvbench {

/// Runs --compare or --report if `arguments` begin with one of the two, and returns its exit code. Always nothing in
/// the Tenon build, which has no files to read.
[[nodiscard]] std::optional<int> run_report(std::span<const std::string_view> arguments);

}  // namespace pvbench
