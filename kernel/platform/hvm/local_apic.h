// SPDX-License-Identifier: Apache-2.0
// The processor's own interrupt controller and its timer (Intel SDM volume 3, chapter 10).
#pragma once

#include <cstdint>

#include "kernel/base/address.h"

namespace tenon::hvm {

/// Where its registers are, unless it is in x2APIC mode.
inline constexpr PhysicalAddress local_apic_address{0xFEE0'0000};

/// Accepts interrupts on this vCPU; the timer is stopped. The registers are mapped.
void enable_local_apic();
[[nodiscard]] std::uint32_t local_apic_id();

/// The timer in one-shot mode counts down `count` ticks, then raises `vector`; 0 stops it.
void start_apic_timer(std::uint8_t vector, std::uint32_t count);
[[nodiscard]] std::uint32_t apic_timer_count();
/// The timer raises `vector` when the TSC reaches the value in MSR_IA32_TSC_DEADLINE.
void use_tsc_deadline(std::uint8_t vector);

}  // namespace tenon::hvm
