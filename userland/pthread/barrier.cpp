// SPDX-License-Identifier: Apache-2.0
// POSIX barriers and spin locks.
#include <pthread.h>

#include <cerrno>

#include "kernel/sched/thread.h"
#include "userland/pthread/word.h"

using namespace tenon::pthread;

extern "C" {

int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t*, unsigned int count) {
    if (count == 0) return EINVAL;
    *barrier = {};
    barrier->__limit = count;
    return 0;
}

/// Waits until all threads have left: a program may destroy the barrier as soon as one thread has returned.
int pthread_barrier_destroy(pthread_barrier_t* barrier) {
    if (word(barrier->__arrived).load() != 0) return EBUSY;
    while (word(barrier->__inside).load() != 0) tenon::Thread::yield();
    return 0;
}

int pthread_barrier_wait(pthread_barrier_t* barrier) {
    auto& round = word(barrier->__round);
    auto& inside = word(barrier->__inside);
    inside.fetch_add(1);
    const std::uint32_t this_round = round.load();
    const bool last = word(barrier->__arrived).fetch_add(1) + 1 == barrier->__limit;
    if (last) {
        // In this order: a thread of the next round arrives only after it has seen this round end.
        word(barrier->__arrived).store(0);
        round.fetch_add(1);
        wake_address(round, all_waiters);
    } else {
        while (round.load() == this_round) wait_on_address(round, this_round);
    }
    inside.fetch_sub(1);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

int pthread_spin_init(pthread_spinlock_t* lock, int) {
    *lock = 0;
    return 0;
}

int pthread_spin_destroy(pthread_spinlock_t*) { return 0; }

int pthread_spin_trylock(pthread_spinlock_t* lock) {
    return word(*lock).exchange(1, std::memory_order_acquire) == 0 ? 0 : EBUSY;
}

/// Yields instead of spinning: the holder may have been preempted on this vCPU.
int pthread_spin_lock(pthread_spinlock_t* lock) {
    while (pthread_spin_trylock(lock) != 0) tenon::Thread::yield();
    return 0;
}

int pthread_spin_unlock(pthread_spinlock_t* lock) {
    word(*lock).store(0, std::memory_order_release);
    return 0;
}

}  // extern "C"
