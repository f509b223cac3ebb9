// SPDX-License-Identifier: Apache-2.0
// Time on a machine whose hypervisor gives no clock page: the TSC's frequency is found out, and a page of our own
// filled.
#pragma once

#include <cstdint>

#include "hypercall/clock.h"

namespace tenon::hvm {

/// Frequency of the TSC in Hz: from CPUID where it is told, else measured against the PIT in about 10 ms. 0: neither.
[[nodiscard]] std::uint64_t find_tsc_frequency();

/// Fills `page` so that time 0 is now and the wall clock is `realtime_ns` now.
void start_clock(abi::ClockPage& page, std::uint64_t tsc_frequency, std::uint64_t realtime_ns);

/// A TSC value and a counter's, read at the same moment as nearly as five attempts can.
struct CounterSample {
    std::uint64_t tsc;
    std::uint32_t counter;
};
[[nodiscard]] CounterSample sample_counter(std::uint32_t (*read)());

}  // namespace tenon::hvm
