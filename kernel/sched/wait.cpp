// SPDX-License-Identifier: Apache-2.0
// Blocking and waking.
#include "kernel/sched/wait.h"

#include "kernel/sched/scheduler.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"

namespace tenon {

WaitResult WaitQueue::block(const void* address, Deadline deadline) {
    Thread& self = Thread::current();
    self.wait_address_ = address;
    self.waiting_in_ = this;
    self.wait_timed_out_ = false;
    waiting_.insert_before_first(self, [&](const Thread& other) { return other.priority_ < self.priority_; });
    if (deadline.at == no_deadline) {
        Scheduler::block(lock_);
        return WaitResult::woken;
    }
    Timer timeout(time_out, &self);
    timeout.start_before_switch(deadline);
    Scheduler::block(lock_);
    return self.wait_timed_out_ ? WaitResult::timed_out : WaitResult::woken;
}

/// In interrupt context. The thread's queue is valid: block() has not returned, because its timer has not been
/// cancelled. The lock shows whether the thread has been woken in the meantime.
void WaitQueue::time_out(void* context) {
    auto& thread = *static_cast<Thread*>(context);
    WaitQueue& queue = *thread.waiting_in_;
    SpinLock::Guard guard(queue.lock_);
    if (!static_cast<ListLink<WaitTag>&>(thread).linked()) return;
    IntrusiveList<Thread, WaitTag>::remove(thread);
    thread.wait_timed_out_ = true;
    Scheduler::make_runnable(thread);
}

std::uint32_t WaitQueue::wake_address(const void* address, std::uint32_t count) {
    SpinLock::Guard guard(lock_);
    return wake_locked(address, count);
}

std::uint32_t WaitQueue::wake_locked(const void* address, std::uint32_t count) {
    std::uint32_t woken = 0;
    waiting_.for_each([&](Thread& thread) {
        if (woken == count || thread.wait_address_ != address) return;
        IntrusiveList<Thread, WaitTag>::remove(thread);
        Scheduler::make_runnable(thread);
        ++woken;
    });
    return woken;
}

namespace {

/// Threads that wait on words, spread over a few queues; a queue may hold waiters of several words.
constinit WaitQueue address_queues[16] = {
    WaitQueue("address"), WaitQueue("address"), WaitQueue("address"), WaitQueue("address"),
    WaitQueue("address"), WaitQueue("address"), WaitQueue("address"), WaitQueue("address"),
    WaitQueue("address"), WaitQueue("address"), WaitQueue("address"), WaitQueue("address"),
    WaitQueue("address"), WaitQueue("address"), WaitQueue("address"), WaitQueue("address"),
};

WaitQueue& queue_of(const void* address) {
    const std::uint64_t hash = (reinterpret_cast<std::uintptr_t>(address) >> 2) * 0x9E37'79B9'7F4A'7C15;
    return address_queues[hash >> 60];
}

}  // namespace

WaitResult wait_on_address(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Deadline deadline) {
    WaitQueue& queue = queue_of(&word);
    interrupts::Masked masked;
    queue.lock_.acquire();
    if (word.load() != expected) {
        queue.lock_.release();
        return WaitResult::woken;
    }
    return queue.block(&word, deadline);
}

std::uint32_t wake_address(const std::atomic<std::uint32_t>& word, std::uint32_t count) {
    return queue_of(&word).wake_address(&word, count);
}

void Mutex::lock_slow() {
    // A thread that gets the mutex here leaves it marked as contended (2): its unlock wakes a thread, at worst for
    // nothing.
    while (state_.exchange(2, std::memory_order_acquire) != 0) wait_on_address(state_, 2);
}

}  // namespace tenon
