// SPDX-License-Identifier: Apache-2.0
// Assembly that the scheduler and the trap path stand on (context.S).
#pragma once

#include <cstdint>

#include "kernel/arch/x86_64/trap_frame.h"

namespace tenon {

extern "C" {

/// Saves the callee-saved registers and MXCSR/x87 control on the current stack and its pointer in `*save`, then takes
/// up the stack `load` where such a switch left it.
void tenon_switch_stacks(std::uint64_t* save, std::uint64_t load);

/// Continues the interrupted code: all of its registers, then its stack pointer. Works in ring 3 and ring 0 alike,
/// because it returns by POPFQ and RET through the free space below the interrupted red zone.
[[noreturn]] void tenon_restore_trap_frame(TrapFrame* frame);

/// Where a new thread's first switch arrives: calls thread_main(thread).
void tenon_thread_start();

}  // extern "C"

/// Bytes below an interrupted stack pointer that a trap frame must leave alone: the red zone of the System V ABI, and
/// what tenon_restore_trap_frame pushes below it (RDI, RFLAGS, RIP).
inline constexpr std::uint64_t red_zone = 128;
inline constexpr std::uint64_t below_interrupted_stack = red_zone + 3 * 8;

/// Where the frame of a trap that interrupted stack pointer `rsp` goes.
inline TrapFrame* trap_frame_below(std::uint64_t rsp) {
    return reinterpret_cast<TrapFrame*>((rsp - below_interrupted_stack - sizeof(TrapFrame)) & ~63ULL);
}

/// XSAVE components that a trap frame keeps; set once at boot (abi::StartInfo::xstate_mask, or XCR0 on hvm).
extern "C" std::uint64_t tenon_xstate_mask;

inline void write_fs_base(std::uint64_t value) { asm volatile("wrfsbase %0" : : "r"(value) : "memory"); }
inline void write_gs_base(std::uint64_t value) { asm volatile("wrgsbase %0" : : "r"(value) : "memory"); }

}  // namespace tenon
