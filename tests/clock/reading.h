// SPDX-License-Identifier: Apache-2.0
// Reading clocks beside the TSC, and the cost of that: the same code in a guest's program and in one of the host.
#pragma once

#include <time.h>
#include <x86intrin.h>

#include <cstdint>

namespace clock_test {

inline std::uint64_t read_ns(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

inline std::uint64_t read_tsc() {
    _mm_lfence();
    return __rdtsc();
}

struct Pair {
    std::uint64_t tsc, ns;
    std::uint64_t width;  ///< ticks within which both were read
};

/// The narrowest of `attempts`.
inline Pair sample(clockid_t clock, int attempts = 4) {
    Pair best{0, 0, ~0ULL};
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const std::uint64_t before = read_tsc(), ns = read_ns(clock), width = read_tsc() - before;
        if (width < best.width) best = {before + width / 2, ns, width};
    }
    return best;
}

struct Cost {
    std::uint64_t reads, steps_back, ns;
};

/// Reads `clock` again and again.
inline Cost read_often(clockid_t clock, std::uint64_t reads) {
    Cost cost{reads, 0, 0};
    const std::uint64_t begin = read_ns(CLOCK_MONOTONIC);
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < reads; ++i) {
        const std::uint64_t now = read_ns(clock);
        cost.steps_back += now < last ? 1 : 0;
        last = now;
    }
    cost.ns = read_ns(CLOCK_MONOTONIC) - begin;
    return cost;
}

}  // namespace clock_test
