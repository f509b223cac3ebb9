// SPDX-License-Identifier: Apache-2.0
// Running code that may fault.
#pragma once

#include <cstdint>

namespace tenon {

/// The trap path fills it in when an attempt faults.
struct RecoveryPoint {
    std::uint64_t stack_pointer;  ///< inside tenon_attempt, where it saved the registers
    std::uint64_t vector;
    std::uint64_t fault_address;
};

struct AttemptResult {
    bool faulted;
    std::uint64_t vector;         ///< x86 exception number, if it faulted
    std::uint64_t fault_address;  ///< for a page fault
};

/// Runs `body(context)` on the calling thread and stack. A processor exception in it ends `body` without unwinding, and
/// is returned instead of ending the machine. Interrupts must be unmasked. Does not nest.
AttemptResult attempt(void (*body)(void* context), void* context);

}  // namespace tenon
