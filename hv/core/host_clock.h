// SPDX-License-Identifier: Apache-2.0
// Reading the host's clocks.
#pragma once

#include <cstdint>
#include <ctime>

namespace hv {

/// Time of `clock` in ns; 0 where the clock cannot be read (the CPU clock of a thread that is gone).
[[nodiscard]] inline std::uint64_t read_clock_ns(clockid_t clock) {
    timespec now{};
    if (clock_gettime(clock, &now) != 0) return 0;
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

[[nodiscard]] inline std::uint64_t host_monotonic_ns() { return read_clock_ns(CLOCK_MONOTONIC); }
[[nodiscard]] inline std::uint64_t host_monotonic_ms() { return host_monotonic_ns() / 1'000'000; }
[[nodiscard]] inline std::uint64_t host_realtime_ns() { return read_clock_ns(CLOCK_REALTIME); }
[[nodiscard]] inline std::int64_t host_realtime_ms() {
    return static_cast<std::int64_t>(host_realtime_ns() / 1'000'000);
}
[[nodiscard]] inline double host_realtime_seconds() { return static_cast<double>(host_realtime_ns()) / 1e9; }

}  // namespace hv
