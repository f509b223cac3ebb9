// SPDX-License-Identifier: Apache-2.0
// Interrupt lines of devices: the I/O APIC routes them, the old controllers are silenced.
#pragma once

#include <cstdint>

#include "kernel/base/address.h"

namespace tenon::hvm {

inline constexpr PhysicalAddress io_apic_address{0xFEC0'0000};

/// Masks the two 8259 and every line of the I/O APIC, whose registers are mapped.
void silence_interrupt_lines();

/// Lines of the I/O APIC.
[[nodiscard]] std::uint32_t interrupt_line_count();

/// When `line` (below interrupt_line_count()) becomes active, high unless `active_low`, that raises `vector` on the
/// calling vCPU. Edges, because masking is in software, and the end of the interrupt is told before a driver has served
/// it: a level would interrupt again and again. So whoever serves a line goes on until it is certain that the line was
/// inactive.
void route_interrupt_line(std::uint32_t line, std::uint8_t vector, bool active_low = false);

/// The vector of a line that is routed; 0: it is not.
[[nodiscard]] std::uint8_t routed_vector(std::uint32_t line);

}  // namespace tenon::hvm
