// SPDX-License-Identifier: Apache-2.0
// What `pvbench --compare` prints.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "images/pvbench/report/record.h"

namespace pvbench {

/// A record and where it was read from.
struct NamedRecord {
    std::string file;
    Record record;
};

/// Each of `others` against `baseline`: a table for each, in the order of the baseline's subjects.
[[nodiscard]] std::string comparison_text(const NamedRecord& baseline, std::span<const NamedRecord> others);

/// The same as JSON (docs/pvbench.md, "Comparing").
[[nodiscard]] nlohmann::ordered_json comparison_json(const NamedRecord& baseline, std::span<const NamedRecord> others);

/// Whether a measure of one of `others` is worse than the baseline's, beyond noise.
[[nodiscard]] bool any_is_worse(const NamedRecord& baseline, std::span<const NamedRecord> others);

}  // namespace pvbench
