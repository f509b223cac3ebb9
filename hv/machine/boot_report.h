// SPDX-License-Identifier: Apache-2.0
// Where the time between hv's start and a guest that is ready went.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hv/guest/tenon_guest.h"

namespace hv {

/// Converts a difference of TSC values to ns.
using TicksToNs = std::function<std::uint64_t(std::uint64_t)>;

/// "boot 2.31 ms: hv 1.10, guest kernel 0.21, application 1.00"; what the guest did not mark, or marked out of order
/// (the marks stand in memory that it writes), is left out.
[[nodiscard]] std::string boot_report(std::uint64_t hv_start_tsc, const BootTimes& times, const TicksToNs& to_ns);

}  // namespace hv
