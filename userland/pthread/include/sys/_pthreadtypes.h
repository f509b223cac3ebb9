// SPDX-License-Identifier: Apache-2.0
// The types of POSIX threads. All are valid and have POSIX's defaults when filled with zeros: statics need no
// constructor, and the host's libgcc_eh, compiled with the layouts of another C library, can use ours (it knows a mutex
// of 40 bytes, a once and a key of 4).
#ifndef TENON_SYS_PTHREADTYPES_H
#define TENON_SYS_PTHREADTYPES_H

#include <stddef.h>
#include <sys/sched.h>

// The address of the thread's control block; 0 is no thread.
typedef unsigned long pthread_t;

typedef struct {
    size_t __stack_size;  // 0: the default
    size_t __guard_size;
    void* __stack_address;
    int __detach_state;
    int __inherit;
    int __policy;
    struct sched_param __parameters;
} pthread_attr_t;

typedef struct {
    unsigned int __type;
} pthread_mutexattr_t;

typedef struct {
    unsigned int __state;  // 0 free, 1 locked, 2 locked and contended: the word that waiters wait on
    unsigned int __type;
    pthread_t __owner;     // of a recursive or checked mutex
    unsigned int __depth;  // of a recursive mutex: how often its owner has locked it again
} pthread_mutex_t;

typedef struct {
    unsigned int __monotonic;  // 0: deadlines are in CLOCK_REALTIME
} pthread_condattr_t;

typedef struct {
    unsigned int __sequence;  // counts signals: the word that waiters wait on
    unsigned int __waiters;
    unsigned int __monotonic;
} pthread_cond_t;

typedef struct {
    int __reserved;
} pthread_rwlockattr_t;

typedef struct {
    unsigned int __state;  // readers, or the writer's mark: the word that waiters wait on
    unsigned int __waiters;
} pthread_rwlock_t;

typedef struct {
    int __reserved;
} pthread_barrierattr_t;

typedef struct {
    unsigned int __limit;
    unsigned int __arrived;
    unsigned int __round;   // the word that waiters wait on
    unsigned int __inside;  // threads that have not yet left
} pthread_barrier_t;

typedef unsigned int pthread_spinlock_t;
typedef unsigned int pthread_once_t;
typedef unsigned int pthread_key_t;

#endif
