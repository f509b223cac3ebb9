// SPDX-License-Identifier: Apache-2.0
// Blocking: queues of waiting threads, and waiting on a word in memory.
#pragma once

#include <atomic>
#include <cstdint>

#include "kernel/base/intrusive_list.h"
#include "kernel/time/clock.h"
#include "kernel/time/deadline.h"
#include "kernel/trap/spin_lock.h"

namespace tenon {

class Thread;
struct WaitTag;

enum class WaitResult { woken, timed_out };

/// Threads that wait for one thing, most urgent first, then in order of arrival.
class WaitQueue {
public:
    constexpr explicit WaitQueue(const char* name) : lock_(name) {}

    /// Blocks the calling thread while `condition()` does not hold. `condition` is evaluated with the queue's lock
    /// held; code that makes it true calls wake afterwards, so no wake-up is lost.
    template <typename Condition>
    WaitResult wait_until(Condition&& condition, Deadline deadline = no_deadline) {
        interrupts::Masked masked;
        lock_.acquire();
        while (!condition()) {
            if (block(nullptr, deadline) == WaitResult::timed_out) return WaitResult::timed_out;
            lock_.acquire();
        }
        lock_.release();
        return WaitResult::woken;
    }

    /// Wakes at most `count` threads; callable from interrupt handlers. Returns how many.
    std::uint32_t wake(std::uint32_t count = 1) { return wake_address(nullptr, count); }
    std::uint32_t wake_all() { return wake(UINT32_MAX); }

private:
    friend class Thread;
    friend class Scheduler;
    friend WaitResult wait_on_address(const std::atomic<std::uint32_t>&, std::uint32_t, Deadline);
    friend std::uint32_t wake_address(const std::atomic<std::uint32_t>&, std::uint32_t);

    /// Enters the queue, releases the lock (held by the caller, interrupts masked) and blocks.
    WaitResult block(const void* address, Deadline deadline);
    /// Wakes threads that blocked with this `address`.
    std::uint32_t wake_address(const void* address, std::uint32_t count);
    /// The same; the caller holds the lock.
    [[gnu::noinline]] std::uint32_t wake_locked(const void* address, std::uint32_t count);

    static void time_out(void* thread);

    SpinLock lock_;
    IntrusiveList<Thread, WaitTag> waiting_;
};

/// Blocks while `word` is `expected`, as a futex does; may return early (the caller looks again).
WaitResult wait_on_address(const std::atomic<std::uint32_t>& word, std::uint32_t expected,
                           Deadline deadline = no_deadline);
/// Wakes at most `count` of the threads that wait on `word`.
std::uint32_t wake_address(const std::atomic<std::uint32_t>& word, std::uint32_t count = 1);

}  // namespace tenon
