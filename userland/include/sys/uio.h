// SPDX-License-Identifier: Apache-2.0
// Transfers from and to several buffers (IEEE Std 1003.1-2017, <sys/uio.h>): Newlib has none.
#ifndef TENON_SYS_UIO_H
#define TENON_SYS_UIO_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iovec {
    void* iov_base;
    size_t iov_len;
};

#define IOV_MAX 1024
#define UIO_MAXIOV IOV_MAX

ssize_t readv(int fd, const struct iovec* parts, int count);
ssize_t writev(int fd, const struct iovec* parts, int count);
/* Linux's: at `offset`, without moving the file's position. */
ssize_t preadv(int fd, const struct iovec* parts, int count, off_t offset);
ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t offset);

#ifdef __cplusplus
}
#endif

#endif
