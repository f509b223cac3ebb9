// SPDX-License-Identifier: Apache-2.0
// The round-trip time of a connection, and how long to wait for an acknowledgement (RFC 6298).
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernel/net/tcp/flight.h"

namespace tenon::net {

class RoundTrip {
public:
    void measured(Microseconds time) {
        time = std::max<Microseconds>(time, 1);
        if (smoothed_ == 0) {
            smoothed_ = time;
            variation_ = time / 2;
            shortest_ = time;
            return;
        }
        const Microseconds deviation = time > smoothed_ ? time - smoothed_ : smoothed_ - time;
        variation_ = variation_ - variation_ / 4 + deviation / 4;
        smoothed_ = std::max<Microseconds>(smoothed_ - smoothed_ / 8 + time / 8, 1);
        shortest_ = std::min(shortest_, time);
    }

    [[nodiscard]] bool known() const { return smoothed_ != 0; }
    [[nodiscard]] Microseconds smoothed() const { return smoothed_; }
    [[nodiscard]] Microseconds variation() const { return variation_; }
    [[nodiscard]] Microseconds shortest() const { return shortest_; }
    /// As Linux: peers delay acknowledgements, so the variation counts as 200 ms at least.
    [[nodiscard]] Microseconds timeout() const { return smoothed_ + std::max(4 * variation_, least_wait); }

    static constexpr Microseconds least_wait = 200'000;

private:
    Microseconds smoothed_ = 0, variation_ = 0, shortest_ = 0;
};

}  // namespace tenon::net
