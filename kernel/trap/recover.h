// SPDX-License-Identifier: Apache-2.0
// Trying what may fault.
#pragma once

#include <cstdint>

namespace tenon {

/// Filled by the trap path when a thread's attempt faults.
struct RecoveryPoint {
    std::uint64_t stack_pointer;  ///< of tenon_switch_stacks' layout
    std::uint64_t vector;
    std::uint64_t fault_address;
};

struct AttemptResult {
    bool faulted;
    std::uint64_t vector;         ///< x86 exception number, if it faulted
    std::uint64_t fault_address;  ///< for a page fault
};

/// Runs `body(context)` on the calling thread and stack; a processor exception in it ends it, without unwinding, and is
/// told instead of ending the machine. Interrupts must be unmasked. Does not nest.
AttemptResult attempt(void (*body)(void* context), void* context);

}  // namespace tenon
