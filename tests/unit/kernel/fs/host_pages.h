// SPDX-License-Identifier: Apache-2.0
// Pages of the build machine for file systems under test.
#pragma once

#include <cstdint>

namespace tenon::test {

/// Pages that were allocated and not freed.
std::int64_t& pages_in_use();
/// How many more allocations of pages succeed.
std::int64_t& pages_left();

}  // namespace tenon::test
