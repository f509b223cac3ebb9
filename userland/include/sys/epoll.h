// SPDX-License-Identifier: Apache-2.0
// Waiting for many descriptors (Linux, epoll(7)).
#ifndef TENON_SYS_EPOLL_H
#define TENON_SYS_EPOLL_H

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define EPOLL_CLOEXEC O_CLOEXEC

enum EPOLL_EVENTS {
    EPOLLIN = 0x001,
#define EPOLLIN EPOLLIN
    EPOLLPRI = 0x002,
#define EPOLLPRI EPOLLPRI
    EPOLLOUT = 0x004,
#define EPOLLOUT EPOLLOUT
    EPOLLERR = 0x008,
#define EPOLLERR EPOLLERR
    EPOLLHUP = 0x010,
#define EPOLLHUP EPOLLHUP
    EPOLLRDNORM = 0x040,
#define EPOLLRDNORM EPOLLRDNORM
    EPOLLRDBAND = 0x080,
#define EPOLLRDBAND EPOLLRDBAND
    EPOLLWRNORM = 0x100,
#define EPOLLWRNORM EPOLLWRNORM
    EPOLLWRBAND = 0x200,
#define EPOLLWRBAND EPOLLWRBAND
    EPOLLMSG = 0x400,
#define EPOLLMSG EPOLLMSG
    EPOLLRDHUP = 0x2000,
#define EPOLLRDHUP EPOLLRDHUP
    EPOLLEXCLUSIVE = 1u << 28,
#define EPOLLEXCLUSIVE EPOLLEXCLUSIVE
    EPOLLWAKEUP = 1u << 29, /* without effect: the machine does not sleep */
#define EPOLLWAKEUP EPOLLWAKEUP
    EPOLLONESHOT = 1u << 30,
#define EPOLLONESHOT EPOLLONESHOT
    EPOLLET = 1u << 31
#define EPOLLET EPOLLET
};

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3

typedef union epoll_data {
    void* ptr;
    int fd;
    uint32_t u32;
    uint64_t u64;
} epoll_data_t;

struct epoll_event {
    uint32_t events;
    epoll_data_t data;
} __attribute__((packed));

/// Descriptors. -1 with errno: EINVAL, EMFILE, ENOMEM.
int epoll_create(int size);
int epoll_create1(int flags);
/// 0, or -1 with errno: EBADF, EEXIST, EINVAL, ELOOP, ENOENT, ENOMEM, EPERM (a file or a directory), EFAULT.
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event* event);
/// How many events were stored; 0 after the time. A wait costs in proportion to what is ready, whatever is watched. -1
/// with errno: EBADF, EINVAL, EFAULT, EINTR (a signal's handler ran).
int epoll_wait(int epoll, struct epoll_event* events, int most, int timeout_ms);
int epoll_pwait(int epoll, struct epoll_event* events, int most, int timeout_ms, const sigset_t* mask);
int epoll_pwait2(int epoll, struct epoll_event* events, int most, const struct timespec* timeout, const sigset_t* mask);

#ifdef __cplusplus
}
#endif

#endif
