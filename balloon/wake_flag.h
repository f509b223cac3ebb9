// SPDX-License-Identifier: Apache-2.0
// A flag for one thread to wait on.
#pragma once

#include <atomic>

#include "kernel/sched/sync.h"

namespace tenon::balloon {

class WakeFlag {
public:
    /// Callable anywhere, also with locks held.
    void set() {
        if (!is_set_.exchange(true)) semaphore_.post();
    }
    /// Blocks until the flag is set, and clears it.
    void wait() {
        semaphore_.wait();
        is_set_.store(false);
    }

private:
    std::atomic<bool> is_set_ = false;
    Semaphore semaphore_;
};

}  // namespace tenon::balloon
