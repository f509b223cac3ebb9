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

/// Rising edges of `line` (below interrupt_line_count()) raise `vector` on the calling vCPU. Edges, because masking is
/// in software: a level that a driver has not served yet would interrupt again and again.
void route_interrupt_line(std::uint32_t line, std::uint8_t vector);

}  // namespace tenon::hvm
