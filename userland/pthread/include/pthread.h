// SPDX-License-Identifier: Apache-2.0
// POSIX threads (IEEE Std 1003.1-2017, <pthread.h>) and the few extensions of Linux that programs and libstdc++ use.
// Not there: cancellation (pthread_cancel fails with ENOSYS), priority inheritance, process-shared objects and fork.
#ifndef TENON_PTHREAD_H
#define TENON_PTHREAD_H

#include <sched.h>
#include <sys/_pthreadtypes.h>
#include <sys/types.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

// A caller in C++ needs no landing pad around these.
#define __TENON_NOTHROW __attribute__((__nothrow__))

#define PTHREAD_MUTEX_NORMAL 0
#define PTHREAD_MUTEX_RECURSIVE 1
#define PTHREAD_MUTEX_ERRORCHECK 2
#define PTHREAD_MUTEX_DEFAULT PTHREAD_MUTEX_NORMAL

#ifdef __cplusplus
#define PTHREAD_MUTEX_INITIALIZER \
    {}
#define PTHREAD_COND_INITIALIZER \
    {}
#define PTHREAD_RWLOCK_INITIALIZER \
    {}
#else
#define PTHREAD_MUTEX_INITIALIZER \
    { 0 }
#define PTHREAD_COND_INITIALIZER \
    { 0 }
#define PTHREAD_RWLOCK_INITIALIZER \
    { 0 }
#endif
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER \
    { 0, PTHREAD_MUTEX_RECURSIVE, 0, 0 }
#define PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP PTHREAD_RECURSIVE_MUTEX_INITIALIZER
#define PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP \
    { 0, PTHREAD_MUTEX_ERRORCHECK, 0, 0 }
// clang-format on
#define PTHREAD_ONCE_INIT 0

#define PTHREAD_CREATE_JOINABLE 0
#define PTHREAD_CREATE_DETACHED 1
#define PTHREAD_INHERIT_SCHED 0
#define PTHREAD_EXPLICIT_SCHED 1
#define PTHREAD_SCOPE_SYSTEM 0
#define PTHREAD_SCOPE_PROCESS 1
#define PTHREAD_PROCESS_PRIVATE 0
#define PTHREAD_PROCESS_SHARED 1
#define PTHREAD_BARRIER_SERIAL_THREAD (-1)
#define PTHREAD_CANCEL_ENABLE 0
#define PTHREAD_CANCEL_DISABLE 1
#define PTHREAD_CANCEL_DEFERRED 0
#define PTHREAD_CANCEL_ASYNCHRONOUS 1
#define PTHREAD_CANCELED ((void*)-1)
#define PTHREAD_STACK_MIN 16384
#define PTHREAD_KEYS_MAX 128
#define PTHREAD_DESTRUCTOR_ITERATIONS 4

// Threads.
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument) __TENON_NOTHROW;
int pthread_join(pthread_t thread, void** result);
int pthread_detach(pthread_t thread) __TENON_NOTHROW;
void pthread_exit(void* result) __attribute__((__noreturn__));
pthread_t pthread_self(void) __TENON_NOTHROW;
int pthread_equal(pthread_t one, pthread_t other) __TENON_NOTHROW;
int pthread_setname_np(pthread_t thread, const char* name) __TENON_NOTHROW;
int pthread_getname_np(pthread_t thread, char* name, size_t size) __TENON_NOTHROW;
int pthread_getattr_np(pthread_t thread, pthread_attr_t* attributes) __TENON_NOTHROW;
int pthread_getschedparam(pthread_t thread, int* policy, struct sched_param* parameters) __TENON_NOTHROW;
int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param* parameters) __TENON_NOTHROW;
int pthread_setschedprio(pthread_t thread, int priority) __TENON_NOTHROW;
int pthread_getconcurrency(void) __TENON_NOTHROW;
int pthread_setconcurrency(int level) __TENON_NOTHROW;
int pthread_yield(void) __TENON_NOTHROW;
int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

// Thread attributes.
int pthread_attr_init(pthread_attr_t* attributes) __TENON_NOTHROW;
int pthread_attr_destroy(pthread_attr_t* attributes) __TENON_NOTHROW;
int pthread_attr_getdetachstate(const pthread_attr_t* attributes, int* state) __TENON_NOTHROW;
int pthread_attr_setdetachstate(pthread_attr_t* attributes, int state) __TENON_NOTHROW;
int pthread_attr_getstacksize(const pthread_attr_t* attributes, size_t* size) __TENON_NOTHROW;
int pthread_attr_setstacksize(pthread_attr_t* attributes, size_t size) __TENON_NOTHROW;
int pthread_attr_getstack(const pthread_attr_t* attributes, void** address, size_t* size) __TENON_NOTHROW;
int pthread_attr_getguardsize(const pthread_attr_t* attributes, size_t* size) __TENON_NOTHROW;
int pthread_attr_setguardsize(pthread_attr_t* attributes, size_t size) __TENON_NOTHROW;
int pthread_attr_getschedparam(const pthread_attr_t* attributes, struct sched_param* parameters) __TENON_NOTHROW;
int pthread_attr_setschedparam(pthread_attr_t* attributes, const struct sched_param* parameters) __TENON_NOTHROW;
int pthread_attr_getschedpolicy(const pthread_attr_t* attributes, int* policy) __TENON_NOTHROW;
int pthread_attr_setschedpolicy(pthread_attr_t* attributes, int policy) __TENON_NOTHROW;
int pthread_attr_getinheritsched(const pthread_attr_t* attributes, int* inherit) __TENON_NOTHROW;
int pthread_attr_setinheritsched(pthread_attr_t* attributes, int inherit) __TENON_NOTHROW;
int pthread_attr_getscope(const pthread_attr_t* attributes, int* scope) __TENON_NOTHROW;
int pthread_attr_setscope(pthread_attr_t* attributes, int scope) __TENON_NOTHROW;

// Mutexes.
int pthread_mutex_init(pthread_mutex_t* mutex, const pthread_mutexattr_t* attributes) __TENON_NOTHROW;
int pthread_mutex_destroy(pthread_mutex_t* mutex) __TENON_NOTHROW;
int pthread_mutex_lock(pthread_mutex_t* mutex) __TENON_NOTHROW;
int pthread_mutex_trylock(pthread_mutex_t* mutex) __TENON_NOTHROW;
int pthread_mutex_timedlock(pthread_mutex_t* mutex, const struct timespec* deadline) __TENON_NOTHROW;
int pthread_mutex_clocklock(pthread_mutex_t* mutex, clockid_t clock, const struct timespec* deadline) __TENON_NOTHROW;
int pthread_mutex_unlock(pthread_mutex_t* mutex) __TENON_NOTHROW;
int pthread_mutexattr_init(pthread_mutexattr_t* attributes) __TENON_NOTHROW;
int pthread_mutexattr_destroy(pthread_mutexattr_t* attributes) __TENON_NOTHROW;
int pthread_mutexattr_gettype(const pthread_mutexattr_t* attributes, int* type) __TENON_NOTHROW;
int pthread_mutexattr_settype(pthread_mutexattr_t* attributes, int type) __TENON_NOTHROW;
int pthread_mutexattr_getpshared(const pthread_mutexattr_t* attributes, int* shared) __TENON_NOTHROW;
int pthread_mutexattr_setpshared(pthread_mutexattr_t* attributes, int shared) __TENON_NOTHROW;

// Condition variables.
int pthread_cond_init(pthread_cond_t* condition, const pthread_condattr_t* attributes) __TENON_NOTHROW;
int pthread_cond_destroy(pthread_cond_t* condition) __TENON_NOTHROW;
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) __TENON_NOTHROW;
int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const struct timespec* deadline) __TENON_NOTHROW;
int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* deadline) __TENON_NOTHROW;
int pthread_cond_signal(pthread_cond_t* condition) __TENON_NOTHROW;
int pthread_cond_broadcast(pthread_cond_t* condition) __TENON_NOTHROW;
int pthread_condattr_init(pthread_condattr_t* attributes) __TENON_NOTHROW;
int pthread_condattr_destroy(pthread_condattr_t* attributes) __TENON_NOTHROW;
int pthread_condattr_getclock(const pthread_condattr_t* attributes, clockid_t* clock) __TENON_NOTHROW;
int pthread_condattr_setclock(pthread_condattr_t* attributes, clockid_t clock) __TENON_NOTHROW;
int pthread_condattr_getpshared(const pthread_condattr_t* attributes, int* shared) __TENON_NOTHROW;
int pthread_condattr_setpshared(pthread_condattr_t* attributes, int shared) __TENON_NOTHROW;

// Reader-writer locks.
int pthread_rwlock_init(pthread_rwlock_t* lock, const pthread_rwlockattr_t* attributes) __TENON_NOTHROW;
int pthread_rwlock_destroy(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlock_rdlock(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlock_tryrdlock(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlock_timedrdlock(pthread_rwlock_t* lock, const struct timespec* deadline) __TENON_NOTHROW;
int pthread_rwlock_clockrdlock(pthread_rwlock_t* lock, clockid_t clock,
                               const struct timespec* deadline) __TENON_NOTHROW;
int pthread_rwlock_wrlock(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlock_trywrlock(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlock_timedwrlock(pthread_rwlock_t* lock, const struct timespec* deadline) __TENON_NOTHROW;
int pthread_rwlock_clockwrlock(pthread_rwlock_t* lock, clockid_t clock,
                               const struct timespec* deadline) __TENON_NOTHROW;
int pthread_rwlock_unlock(pthread_rwlock_t* lock) __TENON_NOTHROW;
int pthread_rwlockattr_init(pthread_rwlockattr_t* attributes) __TENON_NOTHROW;
int pthread_rwlockattr_destroy(pthread_rwlockattr_t* attributes) __TENON_NOTHROW;

// Barriers and spin locks.
int pthread_barrier_init(pthread_barrier_t* barrier, const pthread_barrierattr_t* attributes,
                         unsigned int count) __TENON_NOTHROW;
int pthread_barrier_destroy(pthread_barrier_t* barrier) __TENON_NOTHROW;
int pthread_barrier_wait(pthread_barrier_t* barrier) __TENON_NOTHROW;
int pthread_barrierattr_init(pthread_barrierattr_t* attributes) __TENON_NOTHROW;
int pthread_barrierattr_destroy(pthread_barrierattr_t* attributes) __TENON_NOTHROW;
int pthread_spin_init(pthread_spinlock_t* lock, int shared) __TENON_NOTHROW;
int pthread_spin_destroy(pthread_spinlock_t* lock) __TENON_NOTHROW;
int pthread_spin_lock(pthread_spinlock_t* lock) __TENON_NOTHROW;
int pthread_spin_trylock(pthread_spinlock_t* lock) __TENON_NOTHROW;
int pthread_spin_unlock(pthread_spinlock_t* lock) __TENON_NOTHROW;

// Once, and values per thread. The initialiser may throw: then the next caller tries again.
int pthread_once(pthread_once_t* control, void (*initialise)(void));
int pthread_key_create(pthread_key_t* key, void (*destructor)(void*)) __TENON_NOTHROW;
int pthread_key_delete(pthread_key_t key) __TENON_NOTHROW;
int pthread_setspecific(pthread_key_t key, const void* value) __TENON_NOTHROW;
void* pthread_getspecific(pthread_key_t key) __TENON_NOTHROW;

// Cancellation is not supported: these let portable programs link.
int pthread_cancel(pthread_t thread) __TENON_NOTHROW;
int pthread_setcancelstate(int state, int* previous) __TENON_NOTHROW;
int pthread_setcanceltype(int type, int* previous) __TENON_NOTHROW;
void pthread_testcancel(void);

struct __tenon_cleanup {
    void (*__routine)(void*);
    void* __argument;
    struct __tenon_cleanup* __previous;
};
void __tenon_cleanup_push(struct __tenon_cleanup* cleanup) __TENON_NOTHROW;
void __tenon_cleanup_pop(struct __tenon_cleanup* cleanup, int execute);

// clang-format off
#define pthread_cleanup_push(routine, argument)                               \
    do {                                                                      \
        struct __tenon_cleanup __tenon_frame = {(routine), (argument), NULL}; \
        __tenon_cleanup_push(&__tenon_frame);
#define pthread_cleanup_pop(execute)                    \
        __tenon_cleanup_pop(&__tenon_frame, (execute)); \
    } while (0)
// clang-format on

#ifdef __cplusplus
}
#endif

#endif
