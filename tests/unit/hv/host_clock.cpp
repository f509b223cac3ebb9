// SPDX-License-Identifier: Apache-2.0
// Reading the host's clocks.
#include "hv/core/host_clock.h"

#include <catch2/catch.hpp>

TEST_CASE("host clock: nanoseconds and milliseconds are of one clock") {
    const std::uint64_t before_ms = hv::host_monotonic_ms();
    const std::uint64_t now_ns = hv::host_monotonic_ns();
    CHECK(before_ms <= now_ns / 1'000'000);
    CHECK(now_ns / 1'000'000 <= hv::host_monotonic_ms());
}

TEST_CASE("host clock: a clock that does not exist gives 0") {
    constexpr clockid_t none = 9999;
    CHECK(hv::read_clock_ns(none) == 0);
}
