// SPDX-License-Identifier: Apache-2.0
// Looking at the clocks without a break: the first look after a pause is among the first instructions after it.
#include "clock.h"

#include <tenon/clock.h>
#include <tenon/ready.h>
#include <time.h>
#include <x86intrin.h>

#include <cstdint>
#include <cstdio>

namespace {

std::uint64_t read_ns(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

void watch_clock() {
    std::puts("watching");
    std::fflush(stdout);
    tenon_ready();
    std::uint64_t generation = tenon_clock_generation(), before = read_ns(CLOCK_MONOTONIC);
    for (;;) {
        const std::uint64_t now_generation = tenon_clock_generation();
        const std::uint64_t tsc = __rdtsc(), wall = read_ns(CLOCK_REALTIME), monotonic = read_ns(CLOCK_MONOTONIC);
        if (now_generation != generation) {
            std::printf("jump %llu %llu %llu %llu\n", static_cast<unsigned long long>(tsc),
                        static_cast<unsigned long long>(wall), static_cast<unsigned long long>(before),
                        static_cast<unsigned long long>(monotonic));
            std::fflush(stdout);
            generation = now_generation;
        }
        before = monotonic;
    }
}
