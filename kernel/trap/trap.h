// SPDX-License-Identifier: Apache-2.0
// What entry code of a platform calls once it has built a trap frame.
#pragma once

#include "kernel/arch/x86_64/trap_frame.h"

namespace tenon {

/// Serves an interrupt: runs what is pending unless interrupts are masked, perhaps on other threads in between, then
/// continues the interrupted code. On the interrupted thread's stack, below `frame`.
[[noreturn]] void finish_interrupt(TrapFrame& frame);

/// Serves an exception: goes on at the thread's recovery point if it has one, otherwise panics. On a stack of its own,
/// so that a stack overflow can be told.
[[noreturn]] void handle_exception(TrapFrame& frame);

}  // namespace tenon
