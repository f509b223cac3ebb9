// SPDX-License-Identifier: Apache-2.0
// The locks that Newlib calls around its shared state (sys/lock.h, "retargetable locking").
#include <sys/lock.h>

#include <atomic>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"

/// One kind serves both of Newlib's: only the calls for recursive locks look at the owner. Initialised by zeros.
struct __lock {
    tenon::Mutex mutex;
    // Written by the owner only. Another thread that reads it sees a value that is not its own.
    std::atomic<tenon::Thread*> owner;
    unsigned depth;
};

extern "C" {

__lock __lock___sinit_recursive_mutex;
__lock __lock___sfp_recursive_mutex;
__lock __lock___atexit_recursive_mutex;
__lock __lock___at_quick_exit_mutex;
__lock __lock___malloc_recursive_mutex;
__lock __lock___env_recursive_mutex;
__lock __lock___tz_mutex;
__lock __lock___dd_hash_mutex;
__lock __lock___arc4random_mutex;

// Newlib cannot report that there is no memory: the lock is null then, and a stream stays unlocked.
void __retarget_lock_init(_LOCK_T* lock) {
    void* memory = tenon::heap_allocate(sizeof(__lock), alignof(__lock));
    *lock = memory != nullptr ? new (memory) __lock{} : nullptr;
}

void __retarget_lock_close(_LOCK_T lock) { tenon::heap_free(lock); }

void __retarget_lock_acquire(_LOCK_T lock) {
    if (lock != nullptr) lock->mutex.lock();
}

int __retarget_lock_try_acquire(_LOCK_T lock) { return lock == nullptr || lock->mutex.try_lock() ? 1 : 0; }

void __retarget_lock_release(_LOCK_T lock) {
    if (lock != nullptr) lock->mutex.unlock();
}

void __retarget_lock_init_recursive(_LOCK_T* lock) { __retarget_lock_init(lock); }
void __retarget_lock_close_recursive(_LOCK_T lock) { __retarget_lock_close(lock); }

int __retarget_lock_try_acquire_recursive(_LOCK_T lock) {
    if (lock == nullptr) return 1;
    tenon::Thread* self = &tenon::Thread::current();
    if (lock->owner.load(std::memory_order_relaxed) == self) {
        ++lock->depth;
        return 1;
    }
    if (!lock->mutex.try_lock()) return 0;
    lock->owner.store(self, std::memory_order_relaxed);
    return 1;
}

void __retarget_lock_acquire_recursive(_LOCK_T lock) {
    if (__retarget_lock_try_acquire_recursive(lock) != 0) return;
    lock->mutex.lock();
    lock->owner.store(&tenon::Thread::current(), std::memory_order_relaxed);
}

void __retarget_lock_release_recursive(_LOCK_T lock) {
    if (lock == nullptr) return;
    if (lock->depth != 0) {
        --lock->depth;
        return;
    }
    lock->owner.store(nullptr, std::memory_order_relaxed);
    lock->mutex.unlock();
}

}  // extern "C"
