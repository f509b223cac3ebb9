// SPDX-License-Identifier: Apache-2.0
// POSIX threads, with the CPUs on which they may run, as Linux has them (pthread_setaffinity_np(3)).
#pragma once

#include_next <pthread.h>
#include <sched.h>

#ifdef __cplusplus
extern "C" {
#endif

/// As sched_setaffinity() for any thread; they return the error instead of setting errno. A thread that runs on
/// another CPU leaves it soon after the call.
int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t* set);
int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t* set);

#ifdef __cplusplus
}
#endif
