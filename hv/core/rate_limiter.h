// SPDX-License-Identifier: Apache-2.0
// Limits of a device's throughput: on average, in bursts, at its peak, and in operations.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "hv/core/token_bucket.h"

namespace hv {

/// A bucket as Firecracker writes it: `size` tokens come every `refill_ms`, both above 0. So the average is size per
/// refill_ms, and the burst is size.
struct TokenLimit {
    std::uint64_t size = 0;
    std::uint64_t refill_ms = 0;
    std::uint64_t one_time_burst = 0;
    bool operator==(const TokenLimit&) const = default;

    [[nodiscard]] constexpr double per_second() const {
        return static_cast<double>(size) * 1000 / static_cast<double>(refill_ms);
    }
};

/// What is absent is not limited.
struct RateLimits {
    std::optional<TokenLimit> bandwidth;   ///< in bytes
    std::optional<TokenLimit> operations;  ///< frames of a network, requests of a disk
    std::uint64_t peak = 0;                ///< bytes per second that a burst does not exceed either; 0 = not limited
    bool operator==(const RateLimits&) const = default;
};

/// Counts what passes in one direction. An operation may begin while no bucket is empty, whatever its size.
class RateLimiter {
public:
    RateLimiter() = default;
    explicit RateLimiter(const RateLimits& limits) {
        constexpr std::uint64_t ns_per_ms = 1'000'000, peaks_per_second = 100;
        const auto bucket = [](const TokenLimit& limit) {
            return TokenBucket({limit.size, limit.refill_ms * ns_per_ms, limit.one_time_burst});
        };
        if (limits.bandwidth) bytes_ = bucket(*limits.bandwidth);
        if (limits.operations) operations_ = bucket(*limits.operations);
        // A peak is a rate over 10 ms.
        if (limits.peak != 0)
            peak_ = TokenBucket(
                {std::max<std::uint64_t>(limits.peak / peaks_per_second, 1), 1000 * ns_per_ms / peaks_per_second});
    }

    [[nodiscard]] bool is_limiting() const { return bytes_ || peak_ || operations_; }

    /// 0: the next operation may begin now. Otherwise the time for the exact deficit, and for a millisecond's tokens
    /// besides, so that a timer lets several operations pass.
    [[nodiscard]] std::uint64_t wait_ns(std::uint64_t now_ns) const {
        std::uint64_t longest = 0;
        for (const auto* bucket : {&bytes_, &peak_, &operations_}) {
            if (!*bucket || (*bucket)->wait_ns(1, now_ns) == 0) continue;
            longest = std::max(longest, (*bucket)->wait_ns(portion(**bucket), now_ns));
        }
        return longest;
    }

    void count(std::uint64_t bytes, std::uint64_t now_ns) {
        count_operation(now_ns);
        count_bytes(bytes, now_ns);
    }
    /// The parts of an operation whose bytes pass one after the other.
    void count_operation(std::uint64_t now_ns) {
        if (operations_) operations_->spend(1, now_ns);
    }
    void count_bytes(std::uint64_t bytes, std::uint64_t now_ns) {
        if (bytes_) bytes_->spend(bytes, now_ns);
        if (peak_) peak_->spend(bytes, now_ns);
    }

private:
    /// At most half of the bucket: one that overflows while the timer is late would lose tokens.
    static std::uint64_t portion(const TokenBucket& bucket) {
        constexpr double ns_per_ms = 1e6;
        const auto& [size, refill_ns, extra] = bucket.options();
        const double of_a_millisecond = static_cast<double>(size) * ns_per_ms / static_cast<double>(refill_ns);
        return std::max<std::uint64_t>(
            1, static_cast<std::uint64_t>(std::min(of_a_millisecond, static_cast<double>(size) / 2)));
    }

    std::optional<TokenBucket> bytes_, peak_, operations_;
};

}  // namespace hv
