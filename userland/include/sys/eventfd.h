// SPDX-License-Identifier: Apache-2.0
// Counters as descriptors (Linux, eventfd(2)).
#ifndef TENON_SYS_EVENTFD_H
#define TENON_SYS_EVENTFD_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EFD_SEMAPHORE 1
#define EFD_NONBLOCK 04000
#define EFD_CLOEXEC 02000000

typedef uint64_t eventfd_t;

/// A descriptor whose read() takes the counter, or 1 of it with EFD_SEMAPHORE, and whose write() adds to it; both are 8
/// bytes. -1 with errno: EINVAL (flags), EMFILE, ENOMEM.
int eventfd(unsigned int count, int flags);
/// 0, or -1 with errno as of read() and write().
int eventfd_read(int fd, eventfd_t* value);
int eventfd_write(int fd, eventfd_t value);

#ifdef __cplusplus
}
#endif

#endif
