// SPDX-License-Identifier: Apache-2.0
// A time limit that has begun.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hv {

/// Of a whole operation: each wait within it takes what the ones before have left.
class Deadline {
public:
    using Clock = std::chrono::steady_clock;

    explicit Deadline(std::chrono::milliseconds limit) : limit_(limit), end_(Clock::now() + limit) {}

    [[nodiscard]] std::chrono::milliseconds limit() const { return limit_; }
    [[nodiscard]] bool passed() const { return Clock::now() >= end_; }
    /// For poll(): rounded up, 0 when it has passed.
    [[nodiscard]] int left_ms() const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
        return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT32_MAX));
    }

private:
    std::chrono::milliseconds limit_;
    Clock::time_point end_;
};

}  // namespace hv
