// SPDX-License-Identifier: Apache-2.0
// Time on a machine whose hypervisor offers no clock page: the kernel determines the TSC's frequency and fills a page
// itself.
#pragma once

#include <cstdint>

#include "hypercall/clock.h"

namespace tenon::hvm {

/// Frequency of the TSC in Hz: from CPUID if that states it, else measured against the PIT in about 10 ms. 0: unknown.
[[nodiscard]] std::uint64_t find_tsc_frequency();

/// Fills `page` so that time 0 is now and the wall clock is `realtime_ns` now.
void start_clock(abi::ClockPage& page, std::uint64_t tsc_frequency, std::uint64_t realtime_ns);

/// Values of the TSC and of a counter, read at nearly the same moment: the closest of five attempts.
struct CounterSample {
    std::uint64_t tsc;
    std::uint32_t counter;
};
[[nodiscard]] CounterSample sample_counter(std::uint32_t (*read)());

}  // namespace tenon::hvm
