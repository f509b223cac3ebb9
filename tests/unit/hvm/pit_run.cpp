// SPDX-License-Identifier: Apache-2.0
// The TSC's frequency by the PIT, on a host that stops the machine now and then.
#include "kernel/platform/hvm/pit_run.h"

#include <catch2/catch.hpp>

namespace {

using namespace tenon::hvm;

constexpr std::uint64_t tsc_frequency = 3'000'000'000;
constexpr std::uint64_t millisecond = tsc_frequency / 1000;

/// A machine whose every read takes a microsecond, and which the host stops, at `stop_at`, for `stop_for` (ticks of the
/// TSC since the run began), and every `stop_every` again.
struct Machine {
    std::uint64_t stop_at = ~std::uint64_t{0}, stop_for = 0, stop_every = ~std::uint64_t{0} / 2;
    bool has_pit = true;
    std::uint64_t tsc = 1'000'000'000, begin = tsc;

    void pass(std::uint64_t ticks) {
        tsc += ticks;
        if (tsc - begin < stop_at) return;
        tsc += stop_for;
        stop_at += stop_for + stop_every;
    }
    std::uint64_t read_tsc() { return tsc; }
    std::uint32_t read_pit() {
        pass(tsc_frequency / 1'000'000);
        if (!has_pit) return 0xFFFF;
        return static_cast<std::uint16_t>(0xFFFF - (tsc - begin) * pit_frequency / tsc_frequency);
    }
    PitRun run() {
        begin = tsc;
        return measure_pit_run([this] { return read_pit(); }, [this] { return read_tsc(); },
                               [this] {
                                   const std::uint32_t counter = read_pit();
                                   return CounterSample{tsc, counter};
                               });
    }
};

bool is_right(std::uint64_t frequency) {
    return frequency > tsc_frequency / 1000 * 999 && frequency < tsc_frequency / 1000 * 1001;
}

}  // namespace

TEST_CASE("PIT: an undisturbed run gives the TSC's frequency") {
    Machine machine;
    const PitRun run = machine.run();
    REQUIRE(!run.disturbed);
    REQUIRE(is_right(run.frequency));
    REQUIRE(machine.tsc - machine.begin < 11 * millisecond);
}

TEST_CASE("PIT: a run during which the machine was stopped is known to be disturbed") {
    // 55 ms are a turn of the counter: for a while more it looks as if less time had passed than has.
    for (const std::uint64_t ms : {5, 20, 50, 56, 60, 64, 80, 111, 120, 500}) {
        Machine machine{.stop_at = 3 * millisecond, .stop_for = ms * millisecond};
        const PitRun run = machine.run();
        CAPTURE(ms, run.frequency);
        REQUIRE(run.disturbed);
        // Never too low, so that the lowest of several is the best.
        REQUIRE((run.frequency == 0 || run.frequency > tsc_frequency / 1000 * 999));
    }
}

TEST_CASE("PIT: many short stops, of which none is long by itself, disturb a run too") {
    Machine machine{.stop_at = millisecond, .stop_for = 9 * millisecond, .stop_every = millisecond / 2};
    const PitRun run = machine.run();
    CAPTURE(run.frequency);
    REQUIRE(run.disturbed);
}

TEST_CASE("PIT: runs are repeated until one is not disturbed") {
    int runs = 0;
    REQUIRE(is_right(frequency_of_pit_runs([&] {
        Machine machine;
        if (++runs < 5) machine = {.stop_at = 2 * millisecond, .stop_for = 60 * millisecond};
        return machine.run();
    })));
    REQUIRE(runs == 5);
}

TEST_CASE("PIT: if every run is disturbed, the lowest frequency counts, and a run without one does not") {
    int runs = 0;
    const std::uint64_t frequency = frequency_of_pit_runs([&] {
        constexpr std::uint64_t stops[] = {60, 120, 20, 90};
        return Machine{.stop_at = 2 * millisecond, .stop_for = stops[runs++ % 4] * millisecond}.run();
    });
    REQUIRE(is_right(frequency));
    REQUIRE(runs > 4);
    REQUIRE(frequency_of_pit_runs([] { return PitRun{0, true}; }) == 0);
}

TEST_CASE("PIT: a machine without one is not asked twice") {
    int runs = 0;
    REQUIRE(frequency_of_pit_runs([&] {
                ++runs;
                return Machine{.has_pit = false}.run();
            }) == 0);
    REQUIRE(runs == 1);
}
