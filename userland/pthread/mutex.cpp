// SPDX-License-Identifier: Apache-2.0
// POSIX mutexes. The state word is that of Drepper, "Futexes Are Tricky" (2011), mutex 2: free, locked, locked and
// contended.
#include <pthread.h>

#include <cerrno>

#include "kernel/sched/thread.h"
#include "userland/pthread/deadline.h"
#include "userland/pthread/word.h"

using namespace tenon::pthread;
using tenon::Deadline;

namespace {

constexpr std::uint32_t unlocked = 0;
constexpr std::uint32_t locked = 1;
constexpr std::uint32_t contended = 2;

/// The kernel thread, not the POSIX thread: locking must not fail for lack of memory.
pthread_t identity() { return reinterpret_cast<pthread_t>(&tenon::Thread::current()); }

/// Only the owner writes its own id; any other thread reads a value that is not its own.
pthread_t owner(pthread_mutex_t& mutex) { return __atomic_load_n(&mutex.__owner, __ATOMIC_RELAXED); }
void set_owner(pthread_mutex_t& mutex, pthread_t thread) { __atomic_store_n(&mutex.__owner, thread, __ATOMIC_RELAXED); }

bool try_lock(pthread_mutex_t& mutex) {
    std::uint32_t expected = unlocked;
    return word(mutex.__state).compare_exchange_strong(expected, locked, std::memory_order_acquire);
}

/// 0 or ETIMEDOUT.
int lock_until(pthread_mutex_t& mutex, Deadline deadline) {
    if (try_lock(mutex)) return 0;
    auto& state = word(mutex.__state);
    // A thread that gets the mutex here leaves it marked as contended: its unlock wakes a thread, at worst for nothing.
    while (state.exchange(contended, std::memory_order_acquire) != unlocked)
        if (wait_on_address(state, contended, deadline) == WaitResult::timed_out) return ETIMEDOUT;
    return 0;
}

/// Handles the mutex types. `again` is the error for an owner that locks a second time: EDEADLK, or EBUSY for trylock.
template <typename Acquire>
int lock_as_typed(pthread_mutex_t& mutex, int again, Acquire&& acquire) {
    if (mutex.__type == PTHREAD_MUTEX_NORMAL) return acquire();
    const pthread_t self = identity();
    if (owner(mutex) == self) {
        if (mutex.__type != PTHREAD_MUTEX_RECURSIVE) return again;
        if (mutex.__depth == UINT32_MAX) return EAGAIN;
        ++mutex.__depth;
        return 0;
    }
    const int result = acquire();
    if (result == 0) set_owner(mutex, self);
    return result;
}

}  // namespace

extern "C" {

int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) {
    *mutex = {};
    if (attributes != nullptr) mutex->__type = attributes->__type;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t* mutex) { return word(mutex->__state).load() == unlocked ? 0 : EBUSY; }

int pthread_mutex_lock(pthread_mutex_t* mutex) {
    return lock_as_typed(*mutex, EDEADLK, [mutex] { return lock_until(*mutex, tenon::no_deadline); });
}

int pthread_mutex_trylock(pthread_mutex_t* mutex) {
    return lock_as_typed(*mutex, EBUSY, [mutex] { return try_lock(*mutex) ? 0 : EBUSY; });
}

int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const timespec* at) {
    return lock_as_typed(*mutex, EDEADLK, [=] {
        // A free mutex is locked even if the deadline has passed (POSIX).
        if (try_lock(*mutex)) return 0;
        const auto deadline = to_deadline(clock, *at);
        return deadline ? lock_until(*mutex, *deadline) : EINVAL;
    });
}

int pthread_mutex_timedlock(pthread_mutex_t* mutex, const timespec* at) {
    return pthread_mutex_clocklock(mutex, CLOCK_REALTIME, at);
}

int pthread_mutex_unlock(pthread_mutex_t* mutex) {
    if (mutex->__type != PTHREAD_MUTEX_NORMAL) {
        if (owner(*mutex) != identity()) return EPERM;
        if (mutex->__depth != 0) {
            --mutex->__depth;
            return 0;
        }
        set_owner(*mutex, 0);
    }
    // After the exchange only the address is used: the next owner may free the mutex.
    auto& state = word(mutex->__state);
    if (state.exchange(unlocked, std::memory_order_release) == contended) wake_address(state, 1);
    return 0;
}

}  // extern "C"
