// SPDX-License-Identifier: Apache-2.0
// Runnable threads of one vCPU.
#include "kernel/sched/scheduler.h"

namespace tenon {

void RunQueue::push_back(Thread& thread) {
    const auto priority = static_cast<unsigned>(thread.priority_);
    threads_[priority].push_back(thread);
    occupied_ |= 1U << priority;
}

void RunQueue::push_front(Thread& thread) {
    const auto priority = static_cast<unsigned>(thread.priority_);
    threads_[priority].push_front(thread);
    occupied_ |= 1U << priority;
}

Thread* RunQueue::pop() {
    if (occupied_ == 0) return nullptr;
    const auto priority = static_cast<unsigned>(std::bit_width(occupied_) - 1);
    Thread* thread = threads_[priority].front();
    remove(*thread);
    return thread;
}

void RunQueue::remove(Thread& thread) {
    const auto priority = static_cast<unsigned>(thread.priority_);
    IntrusiveList<Thread, RunTag>::remove(thread);
    if (threads_[priority].empty()) occupied_ &= ~(1U << priority);
}

}  // namespace tenon
