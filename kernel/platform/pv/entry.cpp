// SPDX-License-Identifier: Apache-2.0
// First C++ code on pv, and the signal handler through which interrupts and exceptions arrive.
#include <asm/sigcontext.h>

#include <cstring>
#include <new>

#include "kernel/arch/x86_64/context.h"
#include "kernel/arch/x86_64/xstate.h"
#include "kernel/boot/boot.h"
#include "kernel/platform/pv/host_calls.h"
#include "kernel/platform/pv/pv_platform.h"
#include "kernel/trap/interrupts.h"
#include "kernel/trap/trap.h"

namespace tenon::pv {

namespace {

alignas(PvPlatform) constinit std::byte platform_memory[sizeof(PvPlatform)] = {};

/// Signal numbers that hv's stub sends to tenon_pv_trap (asm/signal.h).
constexpr int kick_signal = 10, timer_signal = 12;

/// The kernel's signal frame on x86-64 (asm-generic/ucontext.h with asm/sigcontext.h).
struct SignalContext {
    unsigned long flags;
    void* link;
    void* stack_pointer;
    int stack_flags;
    unsigned long stack_size;
    struct sigcontext_64 machine;
};

void fill_frame(TrapFrame& frame, const SignalContext& context) {
    const auto& machine = context.machine;
    frame.general[rax] = machine.ax;
    frame.general[rbx] = machine.bx;
    frame.general[rcx] = machine.cx;
    frame.general[rdx] = machine.dx;
    frame.general[rsi] = machine.si;
    frame.general[rdi] = machine.di;
    frame.general[rbp] = machine.bp;
    frame.general[rsp] = machine.sp;
    frame.general[r8] = machine.r8;
    frame.general[r9] = machine.r9;
    frame.general[r10] = machine.r10;
    frame.general[r11] = machine.r11;
    frame.general[r12] = machine.r12;
    frame.general[r13] = machine.r13;
    frame.general[r14] = machine.r14;
    frame.general[r15] = machine.r15;
    frame.rip = machine.ip;
    frame.rflags = machine.flags;
    frame.vector = machine.trapno;
    frame.error_code = machine.err;
    frame.fault_address = machine.cr2;
    // The host saves more components than the frame has room for: only those in the frame may be marked as present.
    std::memcpy(frame.xsave, reinterpret_cast<const void*>(machine.fpstate), sizeof(frame.xsave));
    std::uint8_t* header = frame.xsave + xsave_header_offset;
    std::uint64_t present;
    std::memcpy(&present, header, sizeof(present));
    present &= tenon_xstate_mask;
    std::memcpy(header, &present, sizeof(present));
    std::memset(header + sizeof(present), 0, xsave_header_size - sizeof(present));
}

/// Serves an exception on the alternate stack: the thread's own stack may be broken.
[[noreturn]] void enter_exception(const SignalContext& context) {
    TrapFrame frame;
    fill_frame(frame, context);
    handle_exception(frame);
}

/// Continues with a frame on the alternate stack, of which everything below the frame is free again.
[[noreturn]] void restore_on_alternate_stack(TrapFrame* frame) {
    asm volatile(
        "mov %0, %%rsp\n\t"
        "call tenon_restore_trap_frame\n\t"
        :
        : "r"(frame), "D"(frame)
        : "memory");
    __builtin_unreachable();
}

extern "C" [[noreturn, gnu::used]] void tenon_pv_finish_interrupt(TrapFrame* frame) { finish_interrupt(*frame); }

abi::EventPage& event_page(const abi::StartInfo& start) {
    return *to_pointer<abi::EventPage>(PhysicalAddress{start.io_zone.base + abi::io_zone::events});
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void tenon_pv_trap(int signal, void*, SignalContext* context) {
    if (signal != kick_signal && signal != timer_signal) enter_exception(*context);
    if (signal == timer_signal) interrupts::raise(abi::event::timer);
    // When two signals arrive together, the host stacks both on the alternate stack, and this one may have interrupted
    // the entry of the other. Then it only returns: the other one looks for events when it continues, and a frame made
    // here would be overwritten by the next signal, which starts at the stack's top again. The context says where the
    // alternate stack is, and does not say whether it was in use: its flags are those given to sigaltstack().
    TrapFrame* const restored = frame_being_restored(context->machine.ip, context->machine.di);
    if (context->machine.sp - reinterpret_cast<std::uint64_t>(context->stack_pointer) < context->stack_size) {
        if (restored != nullptr) restore_on_alternate_stack(restored);
        TrapFrame frame;
        fill_frame(frame, *context);
        tenon_restore_trap_frame(&frame);
    }
    // The frame goes below the interrupted red zone. The code leaves the alternate stack first of all and never calls
    // sigreturn, so the next signal starts at that stack's top again.
    TrapFrame* frame = restored;
    if (frame == nullptr) {
        frame = trap_frame_below(context->machine.sp);
        fill_frame(*frame, *context);
        frame->vector = vector::first_interrupt;
    }
    asm volatile(
        "mov %0, %%rsp\n\t"
        "xor %%ebp, %%ebp\n\t"
        "call tenon_pv_finish_interrupt\n\t"
        "ud2"
        :
        : "r"(frame), "D"(frame)
        : "memory");
    __builtin_unreachable();
}

extern "C" [[noreturn, gnu::used]] void tenon_pv_start(const abi::StartInfo* start) {
    tenon_xstate_mask = start->xstate_mask;
    if (start->segment_bases_by_call != 0) set_segment_base = set_segment_base_by_call;
    prepare_cpu(0, event_page(*start).vcpu[0]);
    boot(*new (platform_memory) PvPlatform(*start));
}

extern "C" [[noreturn, gnu::used]] void tenon_pv_start_other(const abi::StartInfo* start, std::uint64_t index) {
    prepare_cpu(static_cast<std::uint32_t>(index), event_page(*start).vcpu[index]);
    enter_vcpu();
}

}  // namespace tenon::pv
