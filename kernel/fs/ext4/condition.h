// SPDX-License-Identifier: Apache-2.0
// Waiting for a change of what a mutex guards.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/sched/sync.h"

namespace tenon::ext4 {

class Condition {
public:
    /// Lets go of the mutex while it waits; may return early.
    void wait(Mutex& mutex) {
        const std::uint32_t now = changes_.load(std::memory_order_relaxed);
        mutex.unlock();
        wait_on_address(changes_, now);
        mutex.lock();
    }
    /// The caller holds the mutex.
    void wake_all() {
        changes_.fetch_add(1, std::memory_order_release);
        wake_address(changes_, UINT32_MAX);
    }

private:
    std::atomic<std::uint32_t> changes_ = 0;
};

/// Lets go of a mutex for a while.
class Unlocked {
public:
    explicit Unlocked(Mutex& mutex) : mutex_(mutex) { mutex_.unlock(); }
    Unlocked(const Unlocked&) = delete;
    Unlocked& operator=(const Unlocked&) = delete;
    ~Unlocked() { mutex_.lock(); }

private:
    Mutex& mutex_;
};

}  // namespace tenon::ext4
