// SPDX-License-Identifier: Apache-2.0
// The features of a machine's balloon, and its initial state.
#pragma once

#include <cstdint>

namespace hv {

struct BalloonOptions {
    bool enabled = true;
    std::uint64_t target_bytes = 0;           ///< initial target size; whole pages
    bool deflate_on_oom = true;               ///< the guest may take pages back before it runs out of memory
    std::uint16_t statistics_interval_s = 0;  ///< 0: hv asks for statistics only on request
    bool hinting = true;
    bool reporting = true;
    bool operator==(const BalloonOptions&) const = default;
};

}  // namespace hv
