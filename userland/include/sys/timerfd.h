// SPDX-License-Identifier: Apache-2.0
// Timers as descriptors (Linux, timerfd_create(2)).
#ifndef TENON_SYS_TIMERFD_H
#define TENON_SYS_TIMERFD_H

#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TFD_NONBLOCK 04000
#define TFD_CLOEXEC 02000000
#define TFD_TIMER_ABSTIME 1

/// A descriptor whose read() gives, as 8 bytes, how often the timer has expired since the last one. `clock`:
/// CLOCK_REALTIME, CLOCK_MONOTONIC or CLOCK_BOOTTIME. -1 with errno: EINVAL, EMFILE, ENOMEM.
int timerfd_create(int clock, int flags);
/// Starts the timer, or stops it (a first expiry of 0). TFD_TIMER_CANCEL_ON_SET is not supported. 0, or -1 with errno:
/// EBADF, EFAULT, EINVAL (no timer, a wrong time, an unknown flag).
int timerfd_settime(int fd, int flags, const struct itimerspec* value, struct itimerspec* old);
int timerfd_gettime(int fd, struct itimerspec* value);

#ifdef __cplusplus
}
#endif

#endif
