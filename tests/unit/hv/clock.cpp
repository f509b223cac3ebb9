// SPDX-License-Identifier: Apache-2.0
// The clock page: arithmetic, no step back, and a cached frequency that is checked.
#include "hv/core/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "hv/core/clock_cache.h"

namespace {

constexpr double hz = 2.45e9;

/// A TSC that runs by the host's monotonic clock, at a rate of the test's choice.
std::uint64_t host_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

struct CacheFile {
    std::string path = "/tmp/tenon-unit-clock." + std::to_string(getpid());
    ~CacheFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("clock scale: ns of ticks, from slow to fast TSCs") {
    for (const double rate : {1e8, 9.99e8, 1e9, 2.45e9, 5.2e9, 1.9e10}) {
        const hv::ClockScale scale = hv::clock_scale(rate);
        CHECK(scale.mul >= 1U << 31);
        for (const double seconds : {1e-6, 1.0, 100.0}) {
            const auto ticks = static_cast<std::uint64_t>(rate * seconds);
            CHECK(static_cast<double>(hv::scale_ticks(ticks, scale)) == Approx(seconds * 1e9).epsilon(1e-8).margin(2));
        }
    }
}

TEST_CASE("clock scale: a year of ticks does not overflow") {
    const hv::ClockScale scale = hv::clock_scale(hz);
    const double year = 365.0 * 86400;
    CHECK(static_cast<double>(hv::scale_ticks(static_cast<std::uint64_t>(hz * year), scale)) ==
          Approx(year * 1e9).epsilon(1e-8));
}

TEST_CASE("TSC frequency: pairs out of order and absurd rates give none") {
    CHECK(hv::tsc_frequency({0, 0}, {static_cast<std::uint64_t>(hz), 1'000'000'000}) == Approx(hz));
    CHECK_FALSE(hv::tsc_frequency({100, 0}, {100, 10}));
    CHECK_FALSE(hv::tsc_frequency({100, 0}, {50, 10}));
    CHECK_FALSE(hv::tsc_frequency({0, 10}, {100, 10}));
    CHECK_FALSE(hv::tsc_frequency({0, 0}, {1, 1'000'000'000}));
    CHECK_FALSE(hv::tsc_frequency({0, 0}, {~0ULL, 1}));
}

TEST_CASE("machine clock: starts at zero, never steps back, and comes closer") {
    auto page = std::make_unique<tenon::abi::ClockPage>();
    hv::MachineClock clock(*page, {});
    const std::uint64_t begin = host_ns();
    clock.start();
    CHECK(clock.guest_ns(hv::host_tsc()) < host_ns() - begin + 10'000);
    std::uint64_t last = 0;
    for (int i = 0; i < 2000; ++i) {
        if (i % 50 == 0) clock.refresh(1'000'000);
        const std::uint64_t now = clock.guest_ns(hv::host_tsc());
        REQUIRE(now >= last);
        last = now;
        CHECK(page->clock.version.load() % 2 == 0);
    }
    const auto host_time = static_cast<double>(page->host_monotonic_offset.load()) + static_cast<double>(last);
    CHECK(host_time == Approx(static_cast<double>(host_ns())).margin(5e7));
}

TEST_CASE("machine clock: the page alone gives the same time as hv") {
    auto page = std::make_unique<tenon::abi::ClockPage>();
    hv::MachineClock clock(*page, {});
    clock.start();
    clock.refresh(10'000'000);
    const std::uint64_t tsc = hv::host_tsc();
    const hv::ClockScale scale{page->clock.tsc_to_system_mul, page->clock.tsc_shift};
    CHECK(page->clock.system_time + hv::scale_ticks(tsc - page->clock.tsc_timestamp, scale) == clock.guest_ns(tsc));
    CHECK(page->wall.realtime_ns > 1'600'000'000ULL * 1'000'000'000);
}

TEST_CASE("clock cache: a damaged one is not believed, and replaced") {
    const CacheFile cache;
    for (const std::string& content :
         {std::string(), std::string("text"), std::string(64, '\0'), std::string(4096, '\xff')}) {
        std::ofstream(cache.path) << content;
        const hv::ClockPair pair = hv::first_clock_pair(cache.path);
        CHECK(pair.tsc == hv::process_start_pair().tsc);
        CHECK(pair.ns == hv::process_start_pair().ns);
        CHECK(std::filesystem::file_size(cache.path) == 56);
    }
}

TEST_CASE("clock cache: an hv that starts later takes the pair, one that started earlier does not") {
    const CacheFile cache;
    static_cast<void>(hv::first_clock_pair(cache.path));
    const hv::ClockPair start = hv::sample_clock_pair();
    // Long enough to measure the rate by which the pair is checked.
    hv::ClockPair now = start;
    while (now.ns < start.ns + 5'000'000) now = hv::sample_clock_pair();
    const auto cached = hv::read_clock_cache(cache.path, start, now);
    REQUIRE(cached);
    CHECK(cached->ns < start.ns);
    CHECK_FALSE(hv::read_clock_cache(cache.path, hv::process_start_pair(), now));
}
