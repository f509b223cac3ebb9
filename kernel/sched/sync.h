// SPDX-License-Identifier: Apache-2.0
// Blocking synchronisation of threads: mutex and semaphore. Uncontended operations take one atomic instruction.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/sched/wait.h"

namespace tenon {

/// Not recursive. Initialised by zeros. Meets Lockable, so std::lock_guard works.
class Mutex {
public:
    void lock() {
        std::uint32_t expected = 0;
        if (!state_.compare_exchange_strong(expected, 1, std::memory_order_acquire)) lock_slow();
    }
    [[nodiscard]] bool try_lock() {
        std::uint32_t expected = 0;
        return state_.compare_exchange_strong(expected, 1, std::memory_order_acquire);
    }
    void unlock() {
        if (state_.exchange(0, std::memory_order_release) == 2) wake_address(state_, 1);
    }

private:
    void lock_slow();
    std::atomic<std::uint32_t> state_ = 0;  // 0 free, 1 locked, 2 locked and a thread may wait
};

/// Counts; `post` may be called from interrupt handlers.
class Semaphore {
public:
    constexpr explicit Semaphore(std::uint32_t count = 0) : count_(count) {}
    void post() {
        count_.fetch_add(1);
        queue_.wake(1);
    }
    WaitResult wait(Nanoseconds deadline = no_deadline) {
        return queue_.wait_until([this] { return try_wait(); }, deadline);
    }
    bool try_wait() {
        std::uint32_t count = count_.load();
        while (count != 0)
            if (count_.compare_exchange_weak(count, count - 1)) return true;
        return false;
    }

private:
    std::atomic<std::uint32_t> count_;
    WaitQueue queue_{"semaphore"};
};

}  // namespace tenon
