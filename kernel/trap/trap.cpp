// SPDX-License-Identifier: Apache-2.0
// Serving traps, the same on all platforms.
#include "kernel/trap/trap.h"

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/base/address.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/panic.h"
#include "kernel/trap/recover.h"
#include "kernel/trap/thread_record.h"

namespace tenon {

extern "C" {
std::uint64_t tenon_xstate_mask = xstate::x87 | xstate::sse;
void tenon_attempt(RecoveryPoint* point, void (*body)(void*), void* context);
[[noreturn]] void tenon_abandon_attempt(std::uint64_t stack_pointer);
}

void finish_interrupt(TrapFrame& frame) {
    if (!interrupts::masked()) interrupts::deliver_pending();
    tenon_restore_trap_frame(&frame);
}

namespace {

const char* exception_name(std::uint64_t number) {
    switch (number) {
        case vector::divide_error: return "divide error";
        case vector::debug: return "debug trap";
        case vector::breakpoint: return "breakpoint";
        case vector::invalid_opcode: return "invalid opcode";
        case vector::double_fault: return "double fault";
        case vector::general_protection: return "general protection fault";
        case vector::page_fault: return "page fault";
        case vector::x87: return "x87 error";
        case vector::alignment_check: return "alignment check";
        case vector::simd: return "SIMD error";
        default: return "exception";
    }
}

const char* access_kind(std::uint64_t error_code) {
    if ((error_code & page_fault_error::instruction_fetch) != 0) return "executing";
    return (error_code & page_fault_error::write) != 0 ? "writing" : "reading";
}

}  // namespace

void handle_exception(TrapFrame& frame) {
    ThreadRecord* thread = Cpu::current_thread_record();
    if (thread != nullptr && thread->recovery != nullptr) {
        RecoveryPoint& point = *thread->recovery;
        thread->recovery = nullptr;
        point.vector = frame.vector;
        point.fault_address = frame.fault_address;
        tenon_abandon_attempt(point.stack_pointer);
    }
    if (frame.vector == vector::page_fault) {
        const std::uint64_t address = frame.fault_address;
        if (thread != nullptr && address < thread->stack_begin() && address >= thread->stack_begin() - page_size)
            panic_at(frame, "stack overflow in thread '%s' (%zu KiB; ask for more with pthread_attr_setstacksize)",
                     thread->name(), thread->stack_size() / 1024);
        panic_at(frame, "page fault %s address 0x%llx", access_kind(frame.error_code),
                 static_cast<unsigned long long>(address));
    }
    panic_at(frame, "%s (vector %llu, error code 0x%llx)", exception_name(frame.vector),
             static_cast<unsigned long long>(frame.vector), static_cast<unsigned long long>(frame.error_code));
}

AttemptResult attempt(void (*body)(void* context), void* context) {
    RecoveryPoint point{.stack_pointer = 0, .vector = ~0ULL, .fault_address = 0};
    Cpu::current_thread_record()->recovery = &point;
    tenon_attempt(&point, body, context);
    Cpu::current_thread_record()->recovery = nullptr;
    // Masked since the exception, because all threads share the stack on which exceptions are served.
    interrupts::unmask();
    return {.faulted = point.vector != ~0ULL, .vector = point.vector, .fault_address = point.fault_address};
}

}  // namespace tenon
