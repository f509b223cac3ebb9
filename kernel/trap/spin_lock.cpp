// SPDX-License-Identifier: Apache-2.0
// Waiting for a spin lock that another vCPU holds.
#include "kernel/trap/spin_lock.h"

#include "kernel/trap/panic.h"
#include "kernel/trap/spin.h"

namespace tenon {

void SpinLock::wait() {
    if (!Cpu::several()) panic("the lock '%s' is taken twice", name_);
    spin_until([this] { return !locked_.load(std::memory_order_relaxed) && try_acquire(); });
}

}  // namespace tenon
