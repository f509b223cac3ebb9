// SPDX-License-Identifier: Apache-2.0
// How much may happen in a time.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hv {

/// Holds at most `size` tokens, gains `size` in each `refill_ns`, and starts full. It can go into debt, so that a frame
/// that is larger than the bucket passes, and what follows waits for longer. The clock is the caller's, in ns.
class TokenBucket {
public:
    struct Options {
        std::uint64_t size;                ///< above 0
        std::uint64_t refill_ns;           ///< above 0
        std::uint64_t one_time_burst = 0;  ///< spent before the others, and never gained again
    };
    constexpr explicit TokenBucket(const Options& options) : options_(options) {}

    /// Until there are `tokens`, of which the bucket can hold that many; 0: there are.
    [[nodiscard]] constexpr std::uint64_t wait_ns(std::uint64_t tokens, std::uint64_t now_ns) const {
        tokens -= std::min(tokens, options_.one_time_burst);
        if (tokens == 0) return 0;
        const Wide needed = (static_cast<Wide>(tokens) * options_.refill_ns + options_.size - 1) / options_.size;
        const Wide due = static_cast<Wide>(full_at_ns_) + needed;
        const Wide full = static_cast<Wide>(now_ns) + options_.refill_ns;
        return due <= full ? 0 : static_cast<std::uint64_t>(due - full);
    }

    constexpr void spend(std::uint64_t tokens, std::uint64_t now_ns) {
        const std::uint64_t extra = std::min(tokens, options_.one_time_burst);
        options_.one_time_burst -= extra;
        if (full_at_ns_ < now_ns) {
            full_at_ns_ = now_ns;
            rest_ = 0;
        }
        const Wide cost = static_cast<Wide>(tokens - extra) * options_.refill_ns + rest_;
        full_at_ns_ += static_cast<std::uint64_t>(std::min<Wide>(cost / options_.size, longest_ns));
        full_at_ns_ = std::min(full_at_ns_, now_ns + longest_ns);
        rest_ = static_cast<std::uint64_t>(cost % options_.size);
    }

    /// One token. False: there is none now.
    [[nodiscard]] constexpr bool take(std::uint64_t now_ns) {
        if (wait_ns(1, now_ns) != 0) return false;
        spend(1, now_ns);
        return true;
    }

    [[nodiscard]] constexpr const Options& options() const { return options_; }

private:
    using Wide = unsigned __int128;
    /// Keeps sums of times within their type: a century.
    static constexpr std::uint64_t longest_ns = 1ULL << 61;

    Options options_;
    std::uint64_t full_at_ns_ = 0;  ///< says how many tokens there are: each is worth refill_ns / size
    std::uint64_t rest_ = 0;        ///< of full_at_ns_, in parts of a nanosecond: 1 / size
};

}  // namespace hv
