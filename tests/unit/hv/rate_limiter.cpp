// SPDX-License-Identifier: Apache-2.0
// Rate limits under a fake clock.
#include "hv/core/rate_limiter.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace hv;

namespace {

constexpr std::uint64_t second = 1'000'000'000, millisecond = 1'000'000;
constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::uint64_t start = 1000 * second;

/// A device with frames waiting, and a timer that is late by a constant.
struct Traffic {
    RateLimiter limiter;
    std::uint64_t frame;
    std::uint64_t late_ns = 0;
    std::uint64_t now = start;
    std::uint64_t timers = 0;

    /// The bytes that pass until `end`.
    std::uint64_t run_until(std::uint64_t end) {
        std::uint64_t bytes = 0;
        while (now < end) {
            if (const std::uint64_t wait = limiter.wait_ns(now); wait != 0) {
                ++timers;
                now += wait + late_ns;
                continue;
            }
            limiter.count(frame, now);
            bytes += frame;
        }
        return bytes;
    }
};

RateLimits of_bytes(const TokenLimit& limit) {
    RateLimits limits;
    limits.bandwidth = limit;
    return limits;
}

/// A rate of ten buckets in a second.
RateLimits average(std::uint64_t per_second) { return of_bytes({.size = per_second / 10, .refill_ms = 100}); }

bool is_about(std::uint64_t value, std::uint64_t expected, double tolerance) {
    return std::max(value, expected) - std::min(value, expected) <=
           static_cast<std::uint64_t>(tolerance * static_cast<double>(expected));
}

}  // namespace

TEST_CASE("rate limit: the average holds, whatever the frames' size and the timer's delay") {
    for (const std::uint64_t rate : {mebibyte / 16, 10 * mebibyte})
        for (const std::uint64_t frame : {60U, 1514U, 65'550U})
            for (const std::uint64_t late : {0 * millisecond, millisecond / 20, 10 * millisecond}) {
                INFO("rate " << rate << ", frame " << frame << ", late " << late);
                Traffic traffic{RateLimiter(average(rate)), frame, late};
                const std::uint64_t time = std::max(2 * second, 1000 * frame * second / rate);
                traffic.run_until(start + time);  // the burst
                const std::uint64_t begin = traffic.now;
                const std::uint64_t bytes = traffic.run_until(begin + time);
                const double passed = static_cast<double>(traffic.now - begin) / static_cast<double>(second);
                CHECK(is_about(bytes, static_cast<std::uint64_t>(static_cast<double>(rate) * passed), 0.02));
            }
}

TEST_CASE("rate limit: a timer lets several small frames pass") {
    Traffic traffic{RateLimiter(average(100 * mebibyte)), 60};
    traffic.run_until(start + second);
    CHECK(traffic.timers <= 1000);
}

TEST_CASE("rate limit: a burst passes at once, and again after as long as it takes to earn it") {
    Traffic traffic{RateLimiter(of_bytes({.size = mebibyte, .refill_ms = 1000})), 1024};
    CHECK(traffic.run_until(start + 1) == mebibyte);
    CHECK(traffic.limiter.wait_ns(start) > 0);
    traffic.now = start + 500 * millisecond;
    CHECK(traffic.run_until(traffic.now + 1) == mebibyte / 2);
    // Idle time earns no more than the bucket holds.
    traffic.now = start + 1000 * second;
    CHECK(traffic.run_until(traffic.now + 1) == mebibyte);
}

TEST_CASE("rate limit: a one-time burst passes once") {
    Traffic traffic{RateLimiter(of_bytes({.size = mebibyte, .refill_ms = 1000, .one_time_burst = 3 * mebibyte})), 1024};
    CHECK(traffic.run_until(start + 1) == 4 * mebibyte);
    traffic.now = start + 1000 * second;
    CHECK(traffic.run_until(traffic.now + 1) == mebibyte);
}

TEST_CASE("rate limit: a burst does not exceed the peak") {
    RateLimits limits = average(mebibyte);
    limits.bandwidth = TokenLimit{.size = 10 * mebibyte, .refill_ms = 10'000};
    limits.peak = 4 * mebibyte;
    Traffic traffic{RateLimiter(limits), 1514};
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t bytes = traffic.run_until(traffic.now + 100 * millisecond);
        CHECK(is_about(bytes, limits.peak / 10, 0.15));
    }
    // When the burst is spent the average remains: 10 MiB at 4 - 1 MiB a second.
    traffic.run_until(start + 5 * second);
    const std::uint64_t begin = traffic.now;
    CHECK(is_about(traffic.run_until(begin + 10 * second), 10 * mebibyte, 0.02));
}

TEST_CASE("rate limit: a frame that is larger than the bucket passes, and those behind it wait for it") {
    Traffic traffic{RateLimiter(of_bytes({.size = 1000, .refill_ms = 1000})), 65'000};
    CHECK(traffic.run_until(start + 1) == 65'000);
    // 64,000 bytes of debt, and a byte.
    const std::uint64_t wait = traffic.limiter.wait_ns(start);
    CHECK(wait >= 64 * second + millisecond);
    CHECK(wait <= 64 * second + 2 * millisecond);
    CHECK(traffic.run_until(start + 650 * second + second) == 10 * 65'000);
}

TEST_CASE("rate limit: the wait is for the exact deficit") {
    RateLimiter limiter(of_bytes({.size = 1'000'000, .refill_ms = 1000}));
    limiter.count(1'000'000, start);
    // A byte takes 1 us, and a timer is for a millisecond's bytes.
    CHECK(limiter.wait_ns(start) == millisecond);
    limiter.count(500, start);
    CHECK(limiter.wait_ns(start) == millisecond + 500'000);
    CHECK(limiter.wait_ns(start + 500'000) == millisecond);
    CHECK(limiter.wait_ns(start + 501'000) == 0);
}

TEST_CASE("rate limit: operations are counted besides bytes, and the stricter limit holds") {
    RateLimits limits = average(mebibyte);
    limits.operations = TokenLimit{.size = 10, .refill_ms = 100};
    Traffic small{RateLimiter(limits), 60};
    small.run_until(start + second);
    const std::uint64_t begin = small.now;
    CHECK(is_about(small.run_until(begin + 10 * second), 1000 * 60, 0.02));
    Traffic large{RateLimiter(limits), 65'536};
    large.run_until(start + second);
    const std::uint64_t after = large.now;
    CHECK(is_about(large.run_until(after + 10 * second), 10 * mebibyte, 0.02));
}

TEST_CASE("rate limit: without limits nothing waits") {
    RateLimiter limiter;
    CHECK_FALSE(limiter.is_limiting());
    limiter.count(~0ULL, start);
    CHECK(limiter.wait_ns(start) == 0);
}

TEST_CASE("rate limit: extreme numbers neither overflow nor stand still") {
    constexpr std::uint64_t most = ~0ULL >> 1;
    for (const TokenLimit& limit : {TokenLimit{.size = 1, .refill_ms = most / 1'000'000},
                                    TokenLimit{.size = most, .refill_ms = 1, .one_time_burst = most},
                                    TokenLimit{.size = most, .refill_ms = most / 1'000'000}}) {
        RateLimiter limiter({.bandwidth = limit, .operations = limit, .peak = most});
        std::uint64_t now = start;
        for (int i = 0; i < 10; ++i) {
            limiter.count(65'550, now);
            const std::uint64_t wait = limiter.wait_ns(now);
            CHECK(wait < most);
            CHECK(limiter.wait_ns(now + wait) == 0);
        }
    }
}
