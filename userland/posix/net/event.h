// SPDX-License-Identifier: Apache-2.0
// An event that threads wait for: they check their condition, and sleep until it may have changed.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/sched/wait.h"

namespace tenon::posix {

/// A thread that reads value() before it checks the state, and then waits for another value, misses no change. signal()
/// costs two memory accesses if no thread waits.
class Event {
public:
    [[nodiscard]] std::uint32_t value() const { return changes_.load(); }
    WaitResult wait(std::uint32_t seen, Nanoseconds deadline) {
        waiters_.fetch_add(1);
        const WaitResult result = wait_on_address(changes_, seen, deadline);
        waiters_.fetch_sub(1, std::memory_order_relaxed);
        return result;
    }
    void signal() {
        changes_.fetch_add(1);
        if (waiters_.load() != 0) wake_address(changes_, UINT32_MAX);
    }
    [[nodiscard]] bool has_waiters() const { return waiters_.load(std::memory_order_relaxed) != 0; }

private:
    std::atomic<std::uint32_t> changes_ = 0;
    std::atomic<std::uint32_t> waiters_ = 0;
};

}  // namespace tenon::posix
