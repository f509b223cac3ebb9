// SPDX-License-Identifier: Apache-2.0
// Measured values for a person's eyes.
#pragma once

#include <string>
#include <string_view>

namespace pvbench {

/// "1.234 ms", "2.10 GB/s", "152 k/s", "1.5 MiB": three significant digits at least, in the multiple of `unit` that
/// needs few of them. `unit` is one of MeasureRecord's.
[[nodiscard]] std::string quantity_text(double value, std::string_view unit);

/// "1.98x"; three significant digits.
[[nodiscard]] std::string ratio_text(double ratio);

}  // namespace pvbench
