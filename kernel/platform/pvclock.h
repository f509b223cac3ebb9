// SPDX-License-Identifier: Apache-2.0
// Arithmetic of the clock page (hypercall/clock.h): TSC to time and back.
#pragma once

#include "hypercall/clock.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/base/nanoseconds.h"

namespace tenon {

/// A consistent copy of the parameters from a page that may change at any time.
struct ClockParameters {
    std::uint64_t tsc_timestamp;
    std::uint64_t system_time;
    std::uint32_t mul;
    std::int8_t shift;

    /// Stores in `tsc` a TSC value that was read while these parameters were valid.
    static ClockParameters read(const abi::PvClock& clock, std::uint64_t& tsc) {
        for (;;) {
            const std::uint32_t version = clock.version.load(std::memory_order_acquire);
            const ClockParameters copy{clock.tsc_timestamp, clock.system_time, clock.tsc_to_system_mul,
                                       clock.tsc_shift};
            tsc = read_tsc();
            std::atomic_thread_fence(std::memory_order_acquire);
            if ((version & 1) == 0 && clock.version.load(std::memory_order_relaxed) == version) return copy;
            cpu_relax();
        }
    }
    static ClockParameters read(const abi::PvClock& clock) {
        std::uint64_t tsc = 0;
        return read(clock, tsc);
    }

    [[nodiscard]] Nanoseconds time_at(std::uint64_t tsc) const {
        // A TSC below the timestamp comes from a vCPU whose TSC is a few ticks behind.
        const std::uint64_t ticks = tsc > tsc_timestamp ? tsc - tsc_timestamp : 0;
        const std::uint64_t shifted = shift >= 0 ? ticks << shift : ticks >> -shift;
        return system_time + static_cast<std::uint64_t>((static_cast<unsigned __int128>(shifted) * mul) >> 32);
    }

    /// The first TSC value whose time is `deadline` or later, one tick of rounding at most; saturates.
    [[nodiscard]] std::uint64_t tsc_at(Nanoseconds deadline) const {
        if (deadline <= system_time) return tsc_timestamp;
        unsigned __int128 ticks = ((static_cast<unsigned __int128>(deadline - system_time) << 32) + mul - 1) / mul;
        ticks = shift >= 0 ? (ticks + (1U << shift) - 1) >> shift : ticks << -shift;
        const unsigned __int128 tsc = ticks + tsc_timestamp;
        return tsc > ~0ULL ? ~0ULL : static_cast<std::uint64_t>(tsc);
    }
};

/// Guest time now, from a clock page. Parameters and TSC are read under one version of the page: a pause between the
/// two would otherwise count as time.
[[nodiscard]] inline Nanoseconds read_page_clock(const abi::ClockPage& page) {
    std::uint64_t tsc = 0;
    const ClockParameters parameters = ClockParameters::read(page.clock, tsc);
    return parameters.time_at(tsc);
}

/// Wall-clock time at guest time `now`.
[[nodiscard]] inline Nanoseconds read_page_wall_clock(const abi::ClockPage& page, Nanoseconds now) {
    const abi::WallClock& wall = page.wall;
    for (;;) {
        const std::uint32_t version = wall.version.load(std::memory_order_acquire);
        const std::uint64_t system_time = wall.system_time, realtime = wall.realtime_ns;
        std::atomic_thread_fence(std::memory_order_acquire);
        if ((version & 1) == 0 && wall.version.load(std::memory_order_relaxed) == version)
            return realtime + now - system_time;
        cpu_relax();
    }
}

}  // namespace tenon
