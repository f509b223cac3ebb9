// SPDX-License-Identifier: Apache-2.0
// POSIX reader-writer locks. Readers have precedence, because a thread may hold several read locks; a stream of readers
// can starve a writer.
#include <pthread.h>

#include <cerrno>

#include "userland/pthread/deadline.h"
#include "userland/pthread/word.h"

using namespace tenon::pthread;
using tenon::Deadline;

namespace {

constexpr std::uint32_t writer = UINT32_MAX;
constexpr std::uint32_t most_readers = UINT32_MAX - 1;

int try_read(pthread_rwlock_t& lock) {
    auto& state = word(lock.__state);
    std::uint32_t readers = state.load(std::memory_order_relaxed);
    do {
        if (readers == writer) return EBUSY;
        if (readers == most_readers) return EAGAIN;
    } while (!state.compare_exchange_weak(readers, readers + 1, std::memory_order_acquire, std::memory_order_relaxed));
    return 0;
}

int try_write(pthread_rwlock_t& lock) {
    std::uint32_t expected = 0;
    return word(lock.__state).compare_exchange_strong(expected, writer, std::memory_order_acquire) ? 0 : EBUSY;
}

/// A waiter counts itself first and then looks again: so either it sees an unlock, or the unlock sees the waiter.
template <typename Try>
int lock_until(pthread_rwlock_t& lock, Deadline deadline, Try&& try_lock) {
    auto& state = word(lock.__state);
    auto& waiters = word(lock.__waiters);
    int result = try_lock(lock);
    if (result != EBUSY) return result;
    waiters.fetch_add(1);
    while ((result = try_lock(lock)) == EBUSY) {
        const std::uint32_t holder = state.load();
        if (holder != 0 && wait_on_address(state, holder, deadline) == WaitResult::timed_out) {
            result = ETIMEDOUT;
            break;
        }
    }
    waiters.fetch_sub(1);
    return result;
}

template <typename Try>
int lock_until(pthread_rwlock_t& lock, clockid_t clock, const timespec* at, Try&& try_lock) {
    if (const int result = try_lock(lock); result != EBUSY) return result;
    const auto deadline = to_deadline(clock, *at);
    return deadline ? lock_until(lock, *deadline, try_lock) : EINVAL;
}

}  // namespace

extern "C" {

int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t*) {
    *lock = {};
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t* lock) { return word(lock->__state).load() == 0 ? 0 : EBUSY; }

int pthread_rwlock_rdlock(pthread_rwlock_t* lock) { return lock_until(*lock, tenon::no_deadline, try_read); }
int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) { return try_read(*lock); }
int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* at) {
    return lock_until(*lock, clock, at, try_read);
}
int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const timespec* at) {
    return pthread_rwlock_clockrdlock(lock, CLOCK_REALTIME, at);
}

int pthread_rwlock_wrlock(pthread_rwlock_t* lock) { return lock_until(*lock, tenon::no_deadline, try_write); }
int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) { return try_write(*lock); }
int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* at) {
    return lock_until(*lock, clock, at, try_write);
}
int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const timespec* at) {
    return pthread_rwlock_clockwrlock(lock, CLOCK_REALTIME, at);
}

int pthread_rwlock_unlock(pthread_rwlock_t* lock) {
    auto& state = word(lock->__state);
    const bool free =
        state.load(std::memory_order_relaxed) == writer ? (state.store(0), true) : state.fetch_sub(1) == 1;
    if (free && word(lock->__waiters).load() != 0) wake_address(state, all_waiters);
    return 0;
}

}  // extern "C"
