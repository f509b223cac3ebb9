// SPDX-License-Identifier: Apache-2.0
// Signals as descriptors (Linux, signalfd(2)).
#ifndef TENON_SYS_SIGNALFD_H
#define TENON_SYS_SIGNALFD_H

#include <signal.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SFD_NONBLOCK 04000
#define SFD_CLOEXEC 02000000

struct signalfd_siginfo {
    uint32_t ssi_signo;
    int32_t ssi_errno;
    int32_t ssi_code;
    uint32_t ssi_pid;
    uint32_t ssi_uid;
    int32_t ssi_fd;
    uint32_t ssi_tid;
    uint32_t ssi_band;
    uint32_t ssi_overrun;
    uint32_t ssi_trapno;
    int32_t ssi_status;
    int32_t ssi_int;
    uint64_t ssi_ptr;
    uint64_t ssi_utime;
    uint64_t ssi_stime;
    uint64_t ssi_addr;
    uint16_t ssi_addr_lsb;
    uint8_t __pad[46];
};

/// A descriptor whose read() takes pending signals of `mask`, which the program blocks, from the calling thread and the
/// process. `fd`: -1, or a signalfd whose mask becomes this one. -1 with errno: EINVAL, EBADF, EMFILE, ENOMEM.
int signalfd(int fd, const sigset_t* mask, int flags);

#ifdef __cplusplus
}
#endif

#endif
