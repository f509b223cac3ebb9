// SPDX-License-Identifier: Apache-2.0
// GDT, task state segment and IDT: which stack and code a trap gets.
#pragma once

#include <cstdint>

#include "kernel/arch/x86_64/trap_frame.h"

namespace tenon::hvm {

/// Vectors are exceptions, then one for each event: vector::first_interrupt + event number; then the local APIC's
/// spurious vector.
inline constexpr std::uint8_t interrupt_vectors = 64;
inline constexpr std::uint8_t spurious_vector = vector::first_interrupt + interrupt_vectors;

/// Loads all three on this vCPU. Interrupts may be enabled from then on.
void load_descriptor_tables();

}  // namespace tenon::hvm
