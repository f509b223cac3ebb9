// SPDX-License-Identifier: Apache-2.0
// The state of an interrupted thread. Signals (pv) and IDT gates (hvm) build the same frame, on the thread's own stack
// below its red zone, so that traps nest and an interrupted thread can be switched away from.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/arch/x86_64/trap_frame_offsets.h"

namespace tenon {

/// Numbers of general registers in TrapFrame::general and abi::CrashReport::general.
enum Register : std::size_t { rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp, r8, r9, r10, r11, r12, r13, r14, r15 };

struct alignas(64) TrapFrame {
    /// x87, SSE and AVX in XSAVE's standard format: legacy region, header, and component 2 at its fixed offset 576
    /// (Intel SDM volume 1, 13.4). Other components are not kept: abi::StartInfo::xstate_mask.
    std::uint8_t xsave[832];
    std::uint64_t general[16];
    std::uint64_t rip;
    std::uint64_t rflags;
    std::uint64_t vector;  ///< x86 exception number, or vector::first_interrupt and above
    std::uint64_t error_code;
    std::uint64_t fault_address;
    std::uint64_t reserved[3];
};
static_assert(sizeof(TrapFrame) == FRAME_SIZE && offsetof(TrapFrame, general) == FRAME_GENERAL &&
              offsetof(TrapFrame, rip) == FRAME_RIP && offsetof(TrapFrame, rflags) == FRAME_RFLAGS &&
              offsetof(TrapFrame, vector) == FRAME_VECTOR && offsetof(TrapFrame, error_code) == FRAME_ERROR_CODE &&
              offsetof(TrapFrame, fault_address) == FRAME_FAULT_ADDRESS);
static_assert(rax == 0 && rbx == 1 && rcx == 2 && rdx == 3 && rsi == 4 && rdi == 5 && rbp == 6 && rsp == 7 && r8 == 8 &&
              r15 == 15);

/// XSAVE's header in TrapFrame::xsave: the components that are present, then bytes that XRSTOR wants to be zeros.
inline constexpr std::size_t xsave_header_offset = FRAME_XSAVE_HEADER, xsave_header_size = 64;

/// Exception numbers (Intel SDM volume 3, table 6-1).
namespace vector {
inline constexpr std::uint64_t divide_error = 0, debug = 1, nmi = 2, breakpoint = 3, invalid_opcode = 6,
                               double_fault = 8, general_protection = 13, page_fault = PAGE_FAULT_VECTOR, x87 = 16,
                               alignment_check = 17, machine_check = 18, simd = 19;
inline constexpr std::uint64_t first_interrupt = FIRST_INTERRUPT_VECTOR;
}  // namespace vector

/// Bits of a page fault's error code (Intel SDM volume 3, 4.7).
namespace page_fault_error {
inline constexpr std::uint64_t write = 1 << 1, instruction_fetch = 1 << 4;
}

}  // namespace tenon
