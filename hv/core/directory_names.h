// SPDX-License-Identifier: Apache-2.0
// What is in a directory.
#pragma once

#include <string>
#include <vector>

namespace hv {

/// The names in an open directory, "." and ".." included, in no order; none if it cannot be read. Works in a confined
/// hv. Moves the descriptor's position.
[[nodiscard]] std::vector<std::string> names_in(int directory);

}  // namespace hv
