// SPDX-License-Identifier: Apache-2.0
// POSIX threads, with the CPUs on which they may run, as Linux has them (pthread_setaffinity_np(3)), and their clocks.
#pragma once

#include_next <pthread.h>
#include <sched.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/// As sched_setaffinity() for any thread; they return the error instead of setting errno. A thread that runs on
/// another CPU leaves it soon after the call.
int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t* set);
int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t* set);

/// The clock of the processor time of `thread`; it ends with the thread.
int pthread_getcpuclockid(pthread_t thread, clockid_t* clock);

#ifdef __cplusplus
}
#endif
