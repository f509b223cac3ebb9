// SPDX-License-Identifier: Apache-2.0
// POSIX semaphores without names.
#include <semaphore.h>

#include <cerrno>

#include "kernel/sched/thread.h"
#include "userland/pthread/deadline.h"
#include "userland/pthread/word.h"

using namespace tenon::pthread;
using tenon::Deadline;

namespace {

int fail_with(int error) {
    errno = error;
    return -1;
}

bool try_wait(sem_t& semaphore) {
    auto& value = word(semaphore.__value);
    std::uint32_t count = value.load(std::memory_order_relaxed);
    while (count != 0)
        if (value.compare_exchange_weak(count, count - 1, std::memory_order_acquire, std::memory_order_relaxed))
            return true;
    return false;
}

int wait_until(sem_t& semaphore, Deadline deadline) {
    if (try_wait(semaphore)) return 0;
    auto& waiters = word(semaphore.__waiters);
    waiters.fetch_add(1);
    bool taken = false;
    while (!(taken = try_wait(semaphore)))
        if (wait_on_address(word(semaphore.__value), 0, deadline) == WaitResult::timed_out) break;
    waiters.fetch_sub(1);
    return taken ? 0 : fail_with(ETIMEDOUT);
}

}  // namespace

extern "C" {

/// Shared or not: there is one process.
int sem_init(sem_t* semaphore, int, unsigned int value) {
    if (value > SEM_VALUE_MAX) return fail_with(EINVAL);
    *semaphore = {.__value = value, .__waiters = 0};
    return 0;
}

/// Waits until all threads have left: a program may destroy the semaphore as soon as one thread has passed it.
int sem_destroy(sem_t* semaphore) {
    while (word(semaphore->__waiters).load() != 0) tenon::Thread::yield();
    return 0;
}

int sem_wait(sem_t* semaphore) { return wait_until(*semaphore, tenon::no_deadline); }
int sem_trywait(sem_t* semaphore) { return try_wait(*semaphore) ? 0 : fail_with(EAGAIN); }

int sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* at) {
    if (try_wait(*semaphore)) return 0;
    const auto deadline = to_deadline(clock, *at);
    return deadline ? wait_until(*semaphore, *deadline) : fail_with(EINVAL);
}

int sem_timedwait(sem_t* semaphore, const timespec* at) { return sem_clockwait(semaphore, CLOCK_REALTIME, at); }

int sem_post(sem_t* semaphore) {
    auto& value = word(semaphore->__value);
    if (value.load(std::memory_order_relaxed) >= SEM_VALUE_MAX) return fail_with(EOVERFLOW);
    value.fetch_add(1);
    if (word(semaphore->__waiters).load() != 0) wake_address(value, 1);
    return 0;
}

int sem_getvalue(sem_t* semaphore, int* value) {
    *value = static_cast<int>(word(semaphore->__value).load());
    return 0;
}

}  // extern "C"
