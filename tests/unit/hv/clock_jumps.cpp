// SPDX-License-Identifier: Apache-2.0
// The clock page over pauses, steps of the host's wall clock, and hosts that were suspended, on clocks
// of the test's own.
#include "hv/core/clock.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>
#include <memory>

namespace {

constexpr std::uint64_t millisecond = 1'000'000, second = 1'000 * millisecond;
constexpr std::uint64_t year_2024 = 1'704'067'200 * second;

/// A host whose time passes when the test says so, with a TSC of 2 GHz.
struct Host {
    std::uint64_t tsc = 1'000 * second;
    std::uint64_t monotonic = 50 * second;
    std::uint64_t realtime = year_2024;

    void pass(std::uint64_t ns, double rate = 2.0) {
        tsc += static_cast<std::uint64_t>(static_cast<double>(ns) * rate);
        monotonic += ns;
        realtime += ns;
    }
    [[nodiscard]] hv::HostClocks clocks() {
        return {.tsc = [this] { return tsc; },
                .monotonic = [this] { return monotonic; },
                .realtime = [this] { return realtime; },
                .start = {tsc - 2 * second, monotonic - second}};
    }
};

struct Fixture {
    Host host;
    std::unique_ptr<tenon::abi::ClockPage> page = std::make_unique<tenon::abi::ClockPage>();
    hv::MachineClock clock{*page, host.clocks()};
    Fixture() { clock.start(); }

    /// The guest's time, computed from the page alone.
    [[nodiscard]] std::uint64_t monotonic() const {
        const tenon::abi::PvClock& pv = page->clock;
        const std::uint64_t ticks = host.tsc > pv.tsc_timestamp ? host.tsc - pv.tsc_timestamp : 0;
        return pv.system_time + hv::scale_ticks(ticks, {pv.tsc_to_system_mul, pv.tsc_shift});
    }
    [[nodiscard]] std::uint64_t realtime() const {
        return page->wall.realtime_ns + (monotonic() - page->wall.system_time);
    }
    [[nodiscard]] std::uint64_t generation() const { return page->generation.load(); }
    /// A distance of clocks in ns, without a sign.
    static std::uint64_t apart(std::uint64_t a, std::uint64_t b) { return a > b ? a - b : b - a; }
};

}  // namespace

TEST_CASE("clock: time stands still from pause to resume, and goes on from there") {
    Fixture f;
    f.host.pass(3 * second);
    f.clock.pause();
    const std::uint64_t before = f.monotonic(), generation = f.generation();
    f.host.pass(3600 * second);
    f.clock.resume();
    CHECK(f.monotonic() == before);
    CHECK(f.realtime() == f.host.realtime);
    CHECK(f.generation() == generation + 1);
    CHECK(static_cast<std::uint64_t>(f.page->host_monotonic_offset.load()) + f.monotonic() == f.host.monotonic);
    f.host.pass(5 * second);
    CHECK(Fixture::apart(f.monotonic(), before + 5 * second) < 10);
    CHECK(Fixture::apart(f.realtime(), f.host.realtime) < 10);
    // A refresh does not take the hour of the pause for an error to correct.
    f.clock.refresh(10 * second);
    f.host.pass(10 * second);
    CHECK(Fixture::apart(f.monotonic(), before + 15 * second) < 20);
}

TEST_CASE("clock: nothing is written to the page while the machine is paused") {
    Fixture f;
    f.host.pass(second);
    f.clock.pause();
    const std::uint32_t clock = f.page->clock.version.load(), wall = f.page->wall.version.load();
    const std::uint64_t generation = f.generation();
    f.host.pass(second);
    f.clock.refresh(second);
    f.host.realtime += 77 * second;
    f.clock.host_time_was_set();
    CHECK(f.page->clock.version.load() == clock);
    CHECK(f.page->wall.version.load() == wall);
    CHECK(f.generation() == generation);
    f.clock.resume();
    CHECK(f.realtime() == f.host.realtime);
}

TEST_CASE("clock: a resume without a pause does nothing, and two pauses are one") {
    Fixture f;
    f.host.pass(second);
    const std::uint32_t version = f.page->clock.version.load();
    f.clock.resume();
    CHECK(f.page->clock.version.load() == version);
    CHECK(f.generation() == 0);
    f.clock.pause();
    const std::uint64_t stood_at = f.monotonic();
    f.host.pass(second);
    f.clock.pause();
    f.host.pass(second);
    f.clock.resume();
    CHECK(f.monotonic() == stood_at);
    CHECK(f.generation() == 1);
    f.clock.resume();
    CHECK(f.generation() == 1);
    CHECK(f.page->clock.version.load() % 2 == 0);
}

TEST_CASE("clock: each jump is told once, the wall clock's too, when the page is right already; no refresh is told") {
    Fixture f;
    std::vector<std::uint64_t> told;
    f.clock.tell_jumps([&] {
        told.push_back(f.generation());
        CHECK(f.realtime() == f.host.realtime);
    });
    f.clock.resume();  // of one that was not paused
    f.host.pass(second);
    f.clock.refresh(second);
    f.host.realtime += 3600 * second;  // the host's clock is set: the guest's monotonic time continues
    CHECK(told.empty());
    f.clock.host_time_was_set();
    CHECK(told == std::vector<std::uint64_t>{0});
    for (int i = 0; i < 2; ++i) {
        f.clock.pause();
        f.host.pass(60 * second);
        CHECK(told.size() == static_cast<std::size_t>(i) + 1);
        f.clock.resume();
    }
    CHECK(told == std::vector<std::uint64_t>{0, 1, 2});
    // The host was suspended: its time went on, its TSC did not.
    f.host.monotonic += 600 * second;
    f.host.realtime += 600 * second;
    f.clock.host_time_was_set();
    CHECK(told == std::vector<std::uint64_t>{0, 1, 2, 3});
}

TEST_CASE("clock: a hundred pauses leave no error behind") {
    Fixture f;
    std::uint64_t run = 0;
    for (int i = 0; i < 100; ++i) {
        f.host.pass(7 * millisecond);
        run += 7 * millisecond;
        f.clock.pause();
        f.host.pass(11 * second);
        f.clock.resume();
        if (i % 10 == 0) f.clock.refresh(second);
    }
    CHECK(Fixture::apart(f.monotonic(), run) < 1000);
    CHECK(Fixture::apart(f.realtime(), f.host.realtime) < 10);
    CHECK(f.generation() == 100);
}

TEST_CASE("clock: the host's wall clock is set, and the guest's follows at once; monotonic time does not move") {
    Fixture f;
    f.host.pass(second);
    for (const std::int64_t step : {3600LL, -7200LL}) {
        f.host.realtime += static_cast<std::uint64_t>(step) * second;
        const std::uint64_t before = f.monotonic();
        f.clock.host_time_was_set();
        CHECK(f.realtime() == f.host.realtime);
        CHECK(f.monotonic() == before);
        CHECK(f.generation() == 0);
    }
}

TEST_CASE("clock: a host that is steered is followed within a refresh") {
    Fixture f;
    f.clock.refresh(10 * second);
    // An hour at one rate, then 400 ppm faster, as a time server's client does to a host that is behind.
    for (int i = 0; i < 60; ++i) {
        f.host.pass(60 * second);
        f.clock.refresh(60 * second);
    }
    for (int i = 0; i < 2; ++i) {
        f.host.pass(60 * second, 2.0 / 1.0004);
        f.clock.refresh(60 * second);
    }
    f.host.pass(60 * second, 2.0 / 1.0004);
    const std::uint64_t host_time = f.host.monotonic - 50 * second;
    CHECK(Fixture::apart(f.monotonic(), host_time) < 10'000);
    CHECK(Fixture::apart(f.realtime(), f.host.realtime) < 10'000);
    CHECK(f.generation() == 0);
}

TEST_CASE("clock: a TSC that ran on while the host was suspended does not bend the rate") {
    Fixture f;
    f.clock.refresh(second);
    f.host.pass(second);
    f.host.tsc += 2 * 3 * second;  // three seconds of ticks
    f.host.realtime += 3 * second;
    const std::uint64_t seen = f.monotonic();
    f.clock.host_time_was_set();
    CHECK(f.monotonic() == seen);  // the guest may have seen it
    CHECK(f.realtime() == f.host.realtime);
    CHECK(f.generation() == 1);
    f.host.pass(second);
    f.clock.refresh(second);
    f.host.pass(9 * second);
    CHECK(Fixture::apart(f.monotonic(), seen + 10 * second) < 100);
    CHECK(Fixture::apart(f.realtime(), f.host.realtime) < 100);
}

TEST_CASE("clock: a TSC that began anew does not stop the guest's time") {
    Fixture f;
    f.host.pass(20 * second);
    f.clock.refresh(10 * second);
    f.host.pass(5 * second);
    const std::uint64_t before = f.monotonic();
    f.host.tsc = 12345;
    f.host.pass(second);
    f.clock.refresh(10 * second);
    CHECK(Fixture::apart(f.monotonic(), before + second) < 100);
    CHECK(f.generation() == 1);
    f.host.pass(10 * second);
    CHECK(Fixture::apart(f.monotonic(), before + 11 * second) < 100);
    CHECK(Fixture::apart(f.realtime(), f.host.realtime) < 100);
}

TEST_CASE("clock: the host's new time is heard of through the loop, not read anew for nothing") {
    Host host;
    auto page = std::make_unique<tenon::abi::ClockPage>();
    auto loop = hv::EventLoop::create();
    REQUIRE(loop);
    hv::MachineClock clock(*page, host.clocks());
    clock.start();
    clock.keep_exact(**loop);
    const std::uint32_t before = page->wall.version.load();
    (*loop)->after(2 * millisecond, [&] { (*loop)->stop(); });
    (*loop)->run();
    CHECK(page->wall.version.load() == before);
}
