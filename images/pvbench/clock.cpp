// SPDX-License-Identifier: Apache-2.0
// Measures of clock and timer.
#include <cerrno>
#include <cmath>

#include "measures.h"

namespace pvbench {

namespace {

constexpr std::uint64_t period_ns = 1'000'000;

timespec to_timespec(std::uint64_t ns) {
    return {.tv_sec = static_cast<time_t>(ns / 1'000'000'000), .tv_nsec = static_cast<long>(ns % 1'000'000'000)};
}

/// When the thread runs again.
std::uint64_t sleep_until(std::uint64_t deadline) {
    const timespec until = to_timespec(deadline);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
    }
    return now_ns();
}

}  // namespace

Outcome clock_read(const Options& options) {
    constexpr int reads = 1000;
    return take_samples(options, {.samples = 400, .warm_up = 20}, [] {
        return time_of([] {
                   for (int i = 0; i != reads; ++i) {
                       timespec now;
                       clock_gettime(CLOCK_MONOTONIC, &now);
                       keep(now);
                   }
               }) /
               reads;
    });
}

Outcome timer_lateness(const Options& options) {
    return take_samples(options, {.samples = 200, .warm_up = 10, .budget_ns = 400'000'000}, [] {
        const std::uint64_t deadline = now_ns() + period_ns;
        return static_cast<double>(sleep_until(deadline) - deadline) / 1000;
    });
}

Outcome timer_jitter(const Options& options) {
    std::uint64_t deadline = now_ns() + period_ns, last = sleep_until(deadline);
    return take_samples(options, {.samples = 200, .warm_up = 10, .budget_ns = 400'000'000}, [&] {
        // A deadline that has passed already would be no wake-up.
        const std::uint64_t before = deadline;
        do deadline += period_ns;
        while (deadline <= now_ns());
        const std::uint64_t woken = sleep_until(deadline);
        const double interval = static_cast<double>(woken - last), asked = static_cast<double>(deadline - before);
        last = woken;
        return std::abs(interval - asked) / 1000;
    });
}

}  // namespace pvbench
