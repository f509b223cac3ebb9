// SPDX-License-Identifier: Apache-2.0
// Wakes one thread, however often it is told.
#pragma once

#include <atomic>

#include "kernel/sched/sync.h"

namespace tenon::balloon {

class WakeFlag {
public:
    /// Callable anywhere, with locks held too.
    void set() {
        if (!is_set_.exchange(true)) semaphore_.post();
    }
    /// Blocks until it is set, and clears it: what is told from now on counts anew.
    void wait() {
        semaphore_.wait();
        is_set_.store(false);
    }

private:
    std::atomic<bool> is_set_ = false;
    Semaphore semaphore_;
};

}  // namespace tenon::balloon
