// SPDX-License-Identifier: Apache-2.0
// Interrupt lines of devices: the I/O APIC routes them; the older controllers are masked.
#pragma once

#include <cstdint>

#include "kernel/base/address.h"

namespace tenon::hvm {

inline constexpr PhysicalAddress io_apic_address{0xFEC0'0000};

/// Masks the two 8259 and every line of the I/O APIC, whose registers are mapped.
void silence_interrupt_lines();

/// Lines of the I/O APIC.
[[nodiscard]] std::uint32_t interrupt_line_count();

/// Routes `line` (below interrupt_line_count()): when it becomes active (high, or low if `active_low`), it raises
/// `vector` on the first vCPU. Edge-triggered, because masking is in software and the EOI is sent before a driver has
/// served the device: a level would interrupt again at once. A handler must therefore serve its devices until the line
/// has been inactive.
void route_interrupt_line(std::uint32_t line, std::uint8_t vector, bool active_low = false);

/// The vector that a line is routed to; 0: none.
[[nodiscard]] std::uint8_t routed_vector(std::uint32_t line);

}  // namespace tenon::hvm
