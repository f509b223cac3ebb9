// SPDX-License-Identifier: Apache-2.0
// The kernel's unit of time.
#pragma once

#include <cstdint>
#include <limits>

namespace tenon {

/// A duration, or a point on the monotonic clock: ns since the machine was created.
using Nanoseconds = std::uint64_t;
inline constexpr Nanoseconds no_deadline = std::numeric_limits<Nanoseconds>::max();

}  // namespace tenon
