// SPDX-License-Identifier: Apache-2.0
// How the congestion window grows and shrinks: CUBIC (RFC 9438). Sizes are in bytes.
#pragma once

#include <cstdint>

namespace tenon::net {

class Cubic {
public:
    explicit Cubic(std::uint32_t segment) : segment_(segment) {}
    void set_segment(std::uint32_t size) { segment_ = size; }

    /// Data was lost with this window: the size that it shrinks to.
    [[nodiscard]] std::uint32_t shrink(std::uint32_t window);
    /// The loss was none.
    void restore(std::uint32_t window);
    /// `acknowledged` bytes have arrived: the window's next size. `now` and `round_trip` in ms.
    [[nodiscard]] std::uint32_t grow(std::uint32_t window, std::uint32_t acknowledged, std::uint32_t now,
                                     std::uint32_t round_trip);

private:
    void begin_epoch(std::uint32_t window, std::uint32_t now);

    std::uint32_t segment_;
    std::uint32_t largest_ = 0;  // W_max: the window at the last loss
    bool in_epoch_ = false;
    std::uint32_t epoch_ = 0;    // ms: when the window began to grow again
    std::uint32_t plateau_ = 0;  // K: ms from then to where the curve is flat
    std::uint32_t origin_ = 0;   // the window there
    std::uint64_t reno_ = 0;     // W_est: what Reno's would be, in 1/1024 bytes
    std::uint64_t rest_ = 0;     // of the last division
};

}  // namespace tenon::net
