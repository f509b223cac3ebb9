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

/// The first switch to a new thread returns to this function, which calls tenon_thread_main(thread).
void tenon_thread_start();

}  // extern "C"

/// Address for the frame of a trap that interrupted code with stack pointer `rsp`.
inline TrapFrame* trap_frame_below(std::uint64_t rsp) {
    return reinterpret_cast<TrapFrame*>(
        align_down(rsp - BELOW_INTERRUPTED_STACK - sizeof(TrapFrame), alignof(TrapFrame)));
}

}  // namespace tenon
