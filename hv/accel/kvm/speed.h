// SPDX-License-Identifier: Apache-2.0
// Judging the speed of ring-0 code by the time of a loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hv/core/error.h"

namespace hv {

/// The speed of a short loop in ring 0. Some hosts offer a /dev/kvm that emulates ring-0 code one instruction at a
/// time: correct, but a thousand times too slow to be preferred over `pv`.
struct KvmSpeed {
    bool fast;           ///< worth choosing
    bool emulated;       ///< too slow for any use
    std::string reason;  ///< for the user: "ring 0 is emulated: 0.2 million instructions a second"
};

/// Nanoseconds of a loop with so many iterations of two instructions, with entry to the guest and exit from it.
using LoopTimer = std::function<Result<std::uint64_t>(std::uint64_t iterations)>;

/// Lengthens the loop until its time is clear. Another process may take the processor in any measurement, so only the
/// best one counts; entry and exit count too. Hence the result is never faster than the processor is.
Result<KvmSpeed> judge_speed(const LoopTimer& time_loop);

}  // namespace hv
