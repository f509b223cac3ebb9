// SPDX-License-Identifier: Apache-2.0
// The state of an interrupted thread. Signals (pv) and IDT gates (hvm) build the same frame, on the thread's own stack
// below its red zone, so that traps nest and an interrupted thread can be switched away from.
#pragma once

#include <cstddef>
#include <cstdint>

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
    std::uint64_t vector;  ///< x86 exception number, or first_interrupt_vector and above
    std::uint64_t error_code;
    std::uint64_t fault_address;
    std::uint64_t reserved[3];
};
static_assert(sizeof(TrapFrame) == 1024);

namespace vector {
inline constexpr std::uint64_t divide_error = 0, debug = 1, breakpoint = 3, invalid_opcode = 6, double_fault = 8,
                               general_protection = 13, page_fault = 14, x87 = 16, alignment_check = 17, simd = 19;
inline constexpr std::uint64_t first_interrupt = 32;
}  // namespace vector

}  // namespace tenon
