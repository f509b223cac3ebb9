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
    /// A thread that waits, between its waits too.
    class Waiter {
    public:
        explicit Waiter(Event& event) : event_(event) { event_.waiters_.fetch_add(1); }
        ~Waiter() { event_.waiters_.fetch_sub(1, std::memory_order_relaxed); }
        Waiter(const Waiter&) = delete;
        Waiter& operator=(const Waiter&) = delete;
        WaitResult wait(std::uint32_t seen, Deadline deadline) {
            return wait_on_address(event_.changes_, seen, deadline);
        }
        void wake() { event_.signal(); }

    private:
        Event& event_;
    };

    [[nodiscard]] std::uint32_t value() const { return changes_.load(); }
    WaitResult wait(std::uint32_t seen, Deadline deadline) { return Waiter(*this).wait(seen, deadline); }
    /// Callable from interrupt handlers.
    void signal() { signal(UINT32_MAX); }
    /// The same, but wakes one thread at most, which sees to it that what remains wakes another.
    void signal_one() { signal(1); }
    [[nodiscard]] bool has_waiters() const { return waiters_.load() != 0; }

private:
    void signal(std::uint32_t most) {
        changes_.fetch_add(1);
        if (waiters_.load() != 0) wake_address(changes_, most);
    }

    std::atomic<std::uint32_t> changes_ = 0;
    std::atomic<std::uint32_t> waiters_ = 0;
};

}  // namespace tenon::posix
