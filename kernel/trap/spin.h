// SPDX-License-Identifier: Apache-2.0
// Waiting for another vCPU without blocking the thread.
#pragma once

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/platform/platform.h"

namespace tenon {

/// Waits until `condition()` holds, which another vCPU soon brings about. Spins for longer than a vCPU that runs needs;
/// if it has lost its processor, leaves it this one's. Interrupts are masked.
template <typename Condition>
void spin_until(Condition&& condition) {
    constexpr int rounds = 1000;
    for (;;) {
        for (int round = 0; round < rounds; ++round) {
            if (condition()) return;
            cpu_relax();
        }
        platform().let_lock_holder_run();
    }
}

}  // namespace tenon
