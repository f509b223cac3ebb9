// SPDX-License-Identifier: Apache-2.0
// Waiting for several descriptors at once (IEEE Std 1003.1-2017, <poll.h>): Newlib has none. Values as on Linux.
#ifndef TENON_POLL_H
#define TENON_POLL_H

#include <signal.h>
#include <sys/_timespec.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200
#define POLLMSG 0x0400
#define POLLRDHUP 0x2000

typedef unsigned long nfds_t;

struct pollfd {
    int fd;
    short events;
    short revents;
};

int poll(struct pollfd* descriptors, nfds_t count, int timeout_ms);
int ppoll(struct pollfd* descriptors, nfds_t count, const struct timespec* timeout, const sigset_t* mask);

#ifdef __cplusplus
}
#endif

#endif
