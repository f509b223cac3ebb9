// SPDX-License-Identifier: Apache-2.0
// GDT, task state segment and IDT (Intel SDM volume 3, 3.4.5, 6.14 and 7.7).
#include "kernel/platform/hvm/descriptor_tables.h"

#include <cstddef>

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/register_bits.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/trap.h"

namespace tenon::hvm {

namespace {

extern "C" const char tenon_trap_stubs[];
constexpr std::size_t stub_size = 16;
constexpr std::size_t vector_count = spurious_vector + 1;

/// An interrupt leaves its stack before another one can arrive. Exceptions stay on theirs, where a panic formats text.
/// The emergency stack is for traps that may arrive while an exception is served: NMI, double fault, machine check.
constexpr std::size_t interrupt_stack_size = 1024, exception_stack_size = 16 * 1024, emergency_stack_size = 8 * 1024;
alignas(64) constinit char interrupt_stack[interrupt_stack_size];
alignas(64) constinit char exception_stack[exception_stack_size];
alignas(64) constinit char emergency_stack[emergency_stack_size];
enum StackNumber : std::uint8_t { interrupts_on = 1, exceptions_on = 2, emergencies_on = 3 };

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
alignas(8) constinit TaskState task_state{};

/// In writable memory: loading the task register sets its descriptor's busy bit.
enum Selector : std::uint16_t { code_selector = 8, task_selector = 16 };  // 8 times the descriptor's number
alignas(8) constinit std::uint64_t segments[4] = {0, DESCRIPTOR_CODE_64, 0, 0};

struct Gate {
    std::uint16_t offset_low;
    std::uint16_t selector;
    std::uint8_t stack;
    std::uint8_t type;
    std::uint16_t offset_middle;
    std::uint32_t offset_high;
    std::uint32_t reserved;
};
static_assert(sizeof(Gate) == 16);
alignas(16) constinit Gate gates[vector_count] = {};

struct [[gnu::packed]] TablePointer {
    std::uint16_t limit;
    std::uint64_t base;
};

std::uint8_t stack_for(std::size_t number) {
    if (number >= vector::first_interrupt) return interrupts_on;
    const bool emergency = number == vector::nmi || number == vector::double_fault || number == vector::machine_check;
    return emergency ? emergencies_on : exceptions_on;
}

std::uint64_t end_of(const void* stack, std::size_t size) { return reinterpret_cast<std::uint64_t>(stack) + size; }

void describe_task_state() {
    task_state.interrupt_stacks[interrupts_on - 1] = end_of(interrupt_stack, sizeof(interrupt_stack));
    task_state.interrupt_stacks[exceptions_on - 1] = end_of(exception_stack, sizeof(exception_stack));
    task_state.interrupt_stacks[emergencies_on - 1] = end_of(emergency_stack, sizeof(emergency_stack));
    task_state.io_map_base = sizeof(TaskState);
    const auto base = reinterpret_cast<std::uint64_t>(&task_state);
    segments[2] =
        (sizeof(TaskState) - 1) | (base & 0xFF'FFFF) << 16 | DESCRIPTOR_TSS_AVAILABLE | (base >> 24 & 0xFF) << 56;
    segments[3] = base >> 32;
}

void fill_gates() {
    for (std::size_t number = 0; number < vector_count; number++) {
        const auto address = reinterpret_cast<std::uint64_t>(tenon_trap_stubs) + number * stub_size;
        gates[number] = {.offset_low = static_cast<std::uint16_t>(address),
                         .selector = code_selector,
                         .stack = stack_for(number),
                         .type = GATE_INTERRUPT,
                         .offset_middle = static_cast<std::uint16_t>(address >> 16),
                         .offset_high = static_cast<std::uint32_t>(address >> 32),
                         .reserved = 0};
    }
}

extern "C" [[noreturn, gnu::used]] void tenon_hvm_finish_interrupt(TrapFrame* frame) { finish_interrupt(*frame); }

/// Masks interrupts in software, so that no other thread can fault meanwhile and overwrite this stack. Sets the
/// processor's interrupt flag, which the gate cleared and all other code expects to be set.
extern "C" [[noreturn, gnu::used]] void tenon_hvm_handle_exception(TrapFrame* frame) {
    interrupts::mask();
    asm volatile("sti" ::: "memory");
    handle_exception(*frame);
}

}  // namespace

void load_descriptor_tables() {
    describe_task_state();
    fill_gates();
    const TablePointer segment_pointer{sizeof(segments) - 1, reinterpret_cast<std::uint64_t>(segments)};
    const TablePointer gate_pointer{sizeof(gates) - 1, reinterpret_cast<std::uint64_t>(gates)};
    // CS stays loaded: its descriptor is the same as in the entry code's table.
    asm volatile("lgdt %0; ltr %w1; lidt %2"
                 :
                 : "m"(segment_pointer), "r"(task_selector), "m"(gate_pointer)
                 : "memory");
}

}  // namespace tenon::hvm
