// SPDX-License-Identifier: Apache-2.0
// A result as JSON (RFC 8259).
#pragma once

#include <string>
#include <string_view>

#include "result.h"

namespace pvbench {

/// `text` as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

/// A number with six significant digits. JSON has neither infinity nor NaN: they become null.
[[nodiscard]] std::string json_number(double value);

/// One line.
[[nodiscard]] std::string to_json(const Result& result);

}  // namespace pvbench
