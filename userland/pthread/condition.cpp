// SPDX-License-Identifier: Apache-2.0
// POSIX condition variables: a counter of signals, on which threads wait. A waiter reads it before it releases the
// mutex, so a signal in between makes the wait return at once. Spurious wake-ups happen, as POSIX allows.
#include <pthread.h>

#include <cerrno>

#include "kernel/sched/thread.h"
#include "userland/pthread/deadline.h"
#include "userland/pthread/word.h"

using namespace tenon::pthread;
using tenon::Deadline;

namespace {

int wait_until(pthread_cond_t& condition, pthread_mutex_t* mutex, Deadline deadline) {
    auto& sequence = word(condition.__sequence);
    auto& waiters = word(condition.__waiters);
    waiters.fetch_add(1);
    const std::uint32_t seen = sequence.load();
    if (const int result = pthread_mutex_unlock(mutex); result != 0) {
        waiters.fetch_sub(1);
        return result;
    }
    const WaitResult result = wait_on_address(sequence, seen, deadline);
    waiters.fetch_sub(1);
    pthread_mutex_lock(mutex);
    return result == WaitResult::timed_out ? ETIMEDOUT : 0;
}

int wake(pthread_cond_t& condition, std::uint32_t count) {
    if (word(condition.__waiters).load() == 0) return 0;
    auto& sequence = word(condition.__sequence);
    sequence.fetch_add(1);
    wake_address(sequence, count);
    return 0;
}

}  // namespace

extern "C" {

int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) {
    *condition = {};
    if (attributes != nullptr) condition->__monotonic = attributes->__monotonic;
    return 0;
}

/// Waits until all woken threads have left: a program may destroy the variable right after a broadcast.
int pthread_cond_destroy(pthread_cond_t* condition) {
    while (word(condition->__waiters).load() != 0) {
        wake(*condition, all_waiters);
        tenon::Thread::yield();
    }
    return 0;
}

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    return wait_until(*condition, mutex, tenon::no_deadline);
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock, const timespec* at) {
    const auto deadline = to_deadline(clock, *at);
    return deadline ? wait_until(*condition, mutex, *deadline) : EINVAL;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* at) {
    return pthread_cond_clockwait(condition, mutex, condition->__monotonic != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME, at);
}

int pthread_cond_signal(pthread_cond_t* condition) { return wake(*condition, 1); }
int pthread_cond_broadcast(pthread_cond_t* condition) { return wake(*condition, all_waiters); }

}  // extern "C"
