// SPDX-License-Identifier: Apache-2.0
// GDT, task state segment and IDT: which stack and code a trap gets.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/arch/x86_64/trap_frame.h"

namespace tenon::hvm {

/// Vectors are exceptions, then one for each event: vector::first_interrupt + event number; then the local APIC's
/// spurious vector.
inline constexpr std::uint8_t interrupt_vectors = 64;
inline constexpr std::uint8_t spurious_vector = vector::first_interrupt + interrupt_vectors;

/// An interrupt leaves its stack before another one can arrive. Exceptions stay on theirs, where a panic formats text.
/// The emergency stack is for traps that may arrive while an exception is served: NMI, double fault, machine check.
inline constexpr std::size_t interrupt_stack_size = 1024, exception_stack_size = 16 * 1024,
                             emergency_stack_size = 8 * 1024;

struct [[gnu::packed]] TaskState {
    std::uint32_t reserved0;
    std::uint64_t ring_stacks[3];
    std::uint64_t reserved1;
    std::uint64_t interrupt_stacks[7];
    std::uint64_t reserved2;
    std::uint16_t reserved3;
    std::uint16_t io_map_base;
};
static_assert(sizeof(TaskState) == 104);

/// What a vCPU has for itself; zeros, until load_descriptor_tables(). All share one IDT. In writable memory: loading
/// the task register sets its descriptor's busy bit.
struct DescriptorTables {
    alignas(8) TaskState task_state;
    alignas(8) std::uint64_t segments[4];
    alignas(64) char interrupt_stack[interrupt_stack_size];
    alignas(64) char emergency_stack[emergency_stack_size];
    alignas(64) char exception_stack[exception_stack_size];
};

/// Loads all three on this vCPU. Interrupts may be enabled from then on.
void load_descriptor_tables(DescriptorTables& tables);

}  // namespace tenon::hvm
