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
/// Which local APIC gets the interrupts of devices: that of the vCPU on which the machine has started.
inline constinit std::uint32_t interrupt_destination = 0;

/// An interrupt command (section 10.6.1): what other vCPUs get. Interrupts are masked, as it may take two writes.
namespace command {
inline constexpr std::uint32_t fixed = 0, nmi = 4 << 8, init = 5 << 8, startup = 6 << 8;  ///< startup + page number
inline constexpr std::uint32_t assert_level = 1 << 14, all_others = 3 << 18;
}  // namespace command
void send_interrupt_command(std::uint32_t destination_id, std::uint32_t command);

/// The timer in one-shot mode counts down `count` ticks, then raises `vector`; 0 stops it.
void start_apic_timer(std::uint8_t vector, std::uint32_t count);
[[nodiscard]] std::uint32_t apic_timer_count();
/// The timer raises `vector` when the TSC reaches the value in MSR_IA32_TSC_DEADLINE.
void use_tsc_deadline(std::uint8_t vector);

}  // namespace tenon::hvm
