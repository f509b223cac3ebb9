// SPDX-License-Identifier: Apache-2.0
// How often something may happen.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hv {

/// `burst` times at once, and once every `period_ns` from then on. The clock is the caller's, and never goes back.
class TokenBucket {
public:
    constexpr TokenBucket(std::uint64_t burst, std::uint64_t period_ns)
        : burst_(burst), period_ns_(period_ns), tokens_(burst) {}

    /// False: not now.
    [[nodiscard]] constexpr bool take(std::uint64_t now_ns) {
        const std::uint64_t earned = now_ns > last_ns_ ? (now_ns - last_ns_) / period_ns_ : 0;
        tokens_ = std::min(burst_, tokens_ + std::min(earned, burst_));
        last_ns_ += earned * period_ns_;
        if (tokens_ == 0) return false;
        // A bucket that was full has earned nothing until now.
        if (tokens_ == burst_) last_ns_ = now_ns;
        --tokens_;
        return true;
    }

private:
    std::uint64_t burst_;
    std::uint64_t period_ns_;
    std::uint64_t tokens_;
    std::uint64_t last_ns_ = 0;
};

}  // namespace hv
