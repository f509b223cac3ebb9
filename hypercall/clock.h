// SPDX-License-Identifier: Apache-2.0
// The clock page: monotonic and wall-clock time from the TSC, without an exit.
#pragma once

#include <atomic>
#include <cstdint>

namespace tenon::abi {

/// The field's pvclock structure (Linux, Documentation/virt/kvm/x86/msr.rst, MSR_KVM_SYSTEM_TIME_NEW).
/// A reader takes `version`, retries while it is odd, reads, and retries if it changed.
/// ns = (((shift >= 0 ? d << shift : d >> -shift) * mul) >> 32) + system_time, with d = TSC - tsc_timestamp.
struct PvClock {
    std::atomic<std::uint32_t> version;
    std::uint32_t pad0;
    std::uint64_t tsc_timestamp;
    std::uint64_t system_time;  ///< ns since the machine was created
    std::uint32_t tsc_to_system_mul;
    std::int8_t tsc_shift;
    std::uint8_t flags;
    std::uint8_t pad[2];
};
static_assert(sizeof(PvClock) == 32);

/// Wall clock: `realtime_ns` (since 1970) was the time when guest time (PvClock) was `system_time`. Same version rule.
struct WallClock {
    std::atomic<std::uint32_t> version;
    std::uint32_t pad0;
    std::uint64_t system_time;
    std::uint64_t realtime_ns;
};

struct ClockPage {
    PvClock clock;
    WallClock wall;
    /// Host CLOCK_MONOTONIC minus guest time, in ns: a `pv` guest adds it to get an absolute futex or timer deadline.
    std::atomic<std::int64_t> host_monotonic_offset;
    /// Incremented whenever time jumps for the guest (resume, clone, migration).
    std::atomic<std::uint64_t> generation;
};

}  // namespace tenon::abi
