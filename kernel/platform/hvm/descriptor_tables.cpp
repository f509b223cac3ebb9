// SPDX-License-Identifier: Apache-2.0
// GDT, task state segment and IDT (Intel SDM volume 3, 3.4.5, 6.14 and 7.7).
#include "kernel/platform/hvm/descriptor_tables.h"

#include <cstddef>

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/register_bits.h"
#include "kernel/platform/hvm/other_vcpus.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/trap.h"

namespace tenon::hvm {

namespace {

extern "C" const char tenon_trap_stubs[];
constexpr std::size_t stub_size = 16;
constexpr std::size_t vector_count = spurious_vector + 1;

enum StackNumber : std::uint8_t { interrupts_on = 1, exceptions_on = 2, emergencies_on = 3 };

enum Selector : std::uint16_t { code_selector = 8, task_selector = 16 };  // 8 times the descriptor's number

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

void describe_task_state(DescriptorTables& tables) {
    TaskState& state = tables.task_state;
    state.interrupt_stacks[interrupts_on - 1] = end_of(tables.interrupt_stack, interrupt_stack_size);
    state.interrupt_stacks[exceptions_on - 1] = end_of(tables.exception_stack, exception_stack_size);
    state.interrupt_stacks[emergencies_on - 1] = end_of(tables.emergency_stack, emergency_stack_size);
    state.io_map_base = sizeof(TaskState);
    const auto base = reinterpret_cast<std::uint64_t>(&state);
    tables.segments[1] = DESCRIPTOR_CODE_64;
    tables.segments[2] =
        (sizeof(TaskState) - 1) | (base & 0xFF'FFFF) << 16 | DESCRIPTOR_TSS_AVAILABLE | (base >> 24 & 0xFF) << 56;
    tables.segments[3] = base >> 32;
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
    if (frame->vector == vector::nmi && Cpu::several()) other_vcpus()->take_stop(*frame);
    interrupts::mask();
    asm volatile("sti" ::: "memory");
    handle_exception(*frame);
}

}  // namespace

void load_descriptor_tables(DescriptorTables& tables) {
    describe_task_state(tables);
    fill_gates();
    const TablePointer segment_pointer{sizeof(tables.segments) - 1, reinterpret_cast<std::uint64_t>(tables.segments)};
    const TablePointer gate_pointer{sizeof(gates) - 1, reinterpret_cast<std::uint64_t>(gates)};
    // CS stays loaded: its descriptor is the same as in the entry code's table.
    asm volatile("lgdt %0; ltr %w1; lidt %2"
                 :
                 : "m"(segment_pointer), "r"(task_selector), "m"(gate_pointer)
                 : "memory");
}

}  // namespace tenon::hvm
