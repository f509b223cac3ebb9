// SPDX-License-Identifier: Apache-2.0
// The balloon's kernel options.
#pragma once

#include <cstdint>

#include "kernel/time/clock.h"

namespace tenon::balloon {

struct Options {
    std::uint64_t floor;         ///< balloon.floor=SIZE: pages that inflation leaves free
    std::uint32_t report_order;  ///< balloon.report_order=N: free blocks of 2^N pages and more are reported
    Nanoseconds report_delay;    ///< balloon.report_delay=MS: after memory was freed
};

/// What the command line says, or else: a floor of 1/64 of `total_pages`, 2 MiB at least and 64 MiB at most; blocks of
/// 64 KiB after a second. A value that cannot be is warned of and ignored.
[[nodiscard]] Options read_options(std::uint64_t total_pages);

}  // namespace tenon::balloon
