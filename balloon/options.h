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

/// Reads the options. Defaults: a floor of 1/64 of `total_pages`, at least 2 MiB and at most 64 MiB; blocks of 64 KiB,
/// after a second. Warns of impossible values and ignores them.
[[nodiscard]] Options read_options(std::uint64_t total_pages);

}  // namespace tenon::balloon
