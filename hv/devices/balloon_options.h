// SPDX-License-Identifier: Apache-2.0
// What a machine's balloon offers, and how it begins.
#pragma once

#include <cstdint>

namespace hv {

struct BalloonOptions {
    bool enabled = true;
    std::uint64_t target_bytes = 0;           ///< the size that the guest is asked for from the start; whole pages
    bool deflate_on_oom = true;               ///< the guest may take pages back rather than run out of memory
    std::uint16_t statistics_interval_s = 0;  ///< 0: statistics are asked for on demand only
    bool hinting = true;
    bool reporting = true;
    bool operator==(const BalloonOptions&) const = default;
};

}  // namespace hv
