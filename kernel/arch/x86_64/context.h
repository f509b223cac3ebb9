// SPDX-License-Identifier: Apache-2.0
// Assembly functions of the scheduler and of the trap path (context.S).
#pragma once

#include <cstdint>

#include "kernel/arch/x86_64/trap_frame.h"
#include "kernel/base/address.h"

namespace tenon {

extern "C" {

/// Saves the callee-saved registers and MXCSR/x87 control on the current stack, and the stack pointer in `*save`. Then
/// continues on the stack `load`, where an earlier call saved it.
void tenon_switch_stacks(std::uint64_t* save, std::uint64_t load);

/// Restores all registers of the interrupted code and continues it. Works in ring 3 and in ring 0, because it returns
/// by POPFQ and RET through the free space below the interrupted red zone.
[[noreturn]] void tenon_restore_trap_frame(TrapFrame* frame);
/// The first instruction of tenon_restore_trap_frame at which the frame is not needed any more.
extern const char tenon_trap_frame_is_free[];

/// The first switch to a new thread returns to this function, which calls tenon_thread_main(thread).
void tenon_thread_start();

}  // extern "C"

/// Address for the frame of a trap that interrupted code with stack pointer `rsp`.
inline TrapFrame* trap_frame_below(std::uint64_t rsp) {
    return reinterpret_cast<TrapFrame*>(
        align_down(rsp - BELOW_INTERRUPTED_STACK - sizeof(TrapFrame), alignof(TrapFrame)));
}

/// The frame that code interrupted at `rip` was restoring, with `rdi` in that register; null if it was doing something
/// else. The frame is whole, so the interrupt can be served with it.
inline TrapFrame* frame_being_restored(std::uint64_t rip, std::uint64_t rdi) {
    const bool restoring = rip >= reinterpret_cast<std::uint64_t>(&tenon_restore_trap_frame) &&
                           rip < reinterpret_cast<std::uint64_t>(tenon_trap_frame_is_free);
    return restoring ? reinterpret_cast<TrapFrame*>(rdi) : nullptr;
}

}  // namespace tenon
