// SPDX-License-Identifier: Apache-2.0
// Looking at the clocks without a break: the first look after a pause is among the first instructions after it.
#include "clock.h"

#include <tenon/clock.h>
#include <tenon/ready.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

#include "tests/clock/reading.h"

using clock_test::Pair, clock_test::read_ns, clock_test::read_tsc, clock_test::sample;

void watch_clock(int interval_ms) {
    std::puts("watching");
    std::fflush(stdout);
    tenon_ready();
    const std::uint64_t interval = static_cast<std::uint64_t>(interval_ms) * 1'000'000;
    std::uint64_t generation = tenon_clock_generation(), before = read_ns(CLOCK_MONOTONIC), next = before;
    for (;;) {
        const std::uint64_t now_generation = tenon_clock_generation();
        const std::uint64_t tsc = read_tsc(), wall = read_ns(CLOCK_REALTIME), after = read_ns(CLOCK_MONOTONIC);
        if (now_generation != generation) {
            std::printf("jump %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", now_generation, before,
                        after, tsc, wall);
            generation = now_generation;
        } else if (after >= next) {
            const Pair monotonic = sample(CLOCK_MONOTONIC), realtime = sample(CLOCK_REALTIME);
            // Readings from before and after a jump make no sample.
            if (tenon_clock_generation() == generation)
                std::printf("clock %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", generation,
                            monotonic.tsc, monotonic.ns, realtime.tsc, realtime.ns);
            next = after + interval;
        }
        std::fflush(stdout);
        before = after;
    }
}

void count_steps_back(unsigned generations) {
    constexpr std::uint64_t least_reads = 1'000'000, patience = 60'000'000'000;
    std::puts("counting");
    std::fflush(stdout);
    tenon_ready();
    std::uint64_t reads = 0, back = 0, last = 0, generation = tenon_clock_generation();
    const std::uint64_t begin = read_ns(CLOCK_MONOTONIC);
    unsigned seen = 0;
    while ((reads < least_reads || seen < generations) && last < begin + patience) {
        const std::uint64_t now = read_ns(CLOCK_MONOTONIC);
        back += now < last ? 1 : 0;
        last = now;
        ++reads;
        if (const std::uint64_t now_generation = tenon_clock_generation(); now_generation != generation) {
            std::printf("jump %u\n", ++seen);
            std::fflush(stdout);
            generation = now_generation;
        }
    }
    std::printf("%" PRIu64 " reads, %" PRIu64 " steps back, %u jumps\n", reads, back, seen);
}

void wait_for_clocks(int seconds) {
    const std::uint64_t begin = read_ns(CLOCK_MONOTONIC);
    const auto end = std::chrono::system_clock::now() + std::chrono::seconds(seconds);
    std::thread([seconds] {
        std::this_thread::sleep_for(std::chrono::seconds(seconds));
        std::puts("monotonic");
        std::fflush(stdout);
    }).detach();
    std::puts("waiting");
    std::fflush(stdout);
    tenon_ready();
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    never.wait_until(lock, end, [] { return false; });
    std::printf("reached after %" PRIu64 " ms\n", (read_ns(CLOCK_MONOTONIC) - begin) / 1'000'000);
    std::fflush(stdout);
    for (;;) pause();
}

void measure_clocks(unsigned long reads) {
    tenon_ready();
    for (const auto& [clock, name] : {std::pair{CLOCK_MONOTONIC, "monotonic"}, std::pair{CLOCK_REALTIME, "realtime"}}) {
        const clock_test::Cost cost = clock_test::read_often(clock, reads);
        std::printf("%s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", name, cost.reads, cost.steps_back, cost.ns);
    }
}
