// SPDX-License-Identifier: Apache-2.0
// Limits of a network interface.
#pragma once

#include "hv/core/rate_limiter.h"

namespace hv {

/// Directions are the guest's: it receives (rx), and it sends (tx). Bytes are those of Ethernet frames; a large segment
/// that the device cuts or joins is one operation.
struct NetLimits {
    RateLimits rx, tx;
    bool operator==(const NetLimits&) const = default;
};

}  // namespace hv
