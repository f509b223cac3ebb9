// SPDX-License-Identifier: Apache-2.0
// Serving traps: a platform's entry code builds a trap frame and calls these functions.
#pragma once

#include "kernel/arch/x86_64/trap_frame.h"

namespace tenon {

/// Serves an interrupt: unless interrupts are masked, runs the handlers of pending events, and other threads if they
/// are more urgent; then continues the interrupted code. Runs on the interrupted thread's stack, below `frame`.
[[noreturn]] void finish_interrupt(TrapFrame& frame);

/// Serves an exception: continues at the thread's recovery point if it has one, otherwise panics. Runs on a separate
/// stack, so that it can report a stack overflow.
[[noreturn]] void handle_exception(TrapFrame& frame);

}  // namespace tenon
