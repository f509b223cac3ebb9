// SPDX-License-Identifier: Apache-2.0
// Kernel options that are numbers.
#pragma once

#include <cstdint>

namespace tenon {

/// Value of the kernel option `name`: decimal or 0x, with a suffix K, M or G. Without the option, and after a warning
/// if its value is no number or larger than `largest`: `default_value`.
[[nodiscard]] std::uint64_t number_option(const char* name, std::uint64_t default_value, std::uint64_t largest);

}  // namespace tenon
