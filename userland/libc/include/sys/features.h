// SPDX-License-Identifier: Apache-2.0
// Newlib's options for Tenon: read by Newlib's build, by libstdc++'s and by every guest program, so that they agree.
#ifndef TENON_SYS_FEATURES_H
#define TENON_SYS_FEATURES_H

#include_next <sys/features.h>

// errno and Newlib's other state per thread, through __getreent().
#define __DYNAMIC_REENT__

// read() and write() as POSIX has them; Newlib's default is int, which would cut a transfer at 2 GiB.
#define _READ_WRITE_RETURN_TYPE _ssize_t
#define _READ_WRITE_BUFSIZE_TYPE size_t

// At exit, streams that were written are flushed, and none is closed.
#define _STDIO_BSD_SEMANTICS 1

#define _POSIX_VERSION 200809L
#define _POSIX_THREADS 200809L
#define _POSIX_THREAD_SAFE_FUNCTIONS 200809L
#define _POSIX_THREAD_ATTR_STACKSIZE 200809L
#define _POSIX_THREAD_PRIORITY_SCHEDULING 200809L
#define _POSIX_PRIORITY_SCHEDULING 200809L
#define _POSIX_READER_WRITER_LOCKS 200809L
#define _POSIX_SPIN_LOCKS 200809L
#define _POSIX_BARRIERS 200809L
#define _POSIX_SEMAPHORES 200809L
#define _POSIX_TIMEOUTS 200809L
#define _POSIX_TIMERS 200809L
#define _POSIX_MONOTONIC_CLOCK 200809L
#define _POSIX_CLOCK_SELECTION 200809L
#define _POSIX_FSYNC 200809L
#define _POSIX_IPV6 200809L
#define _UNIX98_THREAD_MUTEX_ATTRIBUTES 1

#endif
