// SPDX-License-Identifier: Apache-2.0
// Use of the machine's resources, as on Linux (getrusage(2)).
#ifndef TENON_SYS_RESOURCE_H
#define TENON_SYS_RESOURCE_H

#include <sys/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RUSAGE_SELF 0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD 1

struct rusage {
    struct timeval ru_utime;  ///< processor time of the program's threads
    struct timeval ru_stime;  ///< of the system's: network, agent
    long ru_maxrss;           ///< KiB of memory in use now; the largest amount is not kept
    // Not counted: always 0.
    long ru_ixrss, ru_idrss, ru_isrss, ru_minflt, ru_majflt, ru_nswap, ru_inblock, ru_oublock, ru_msgsnd, ru_msgrcv;
    long ru_nsignals, ru_nvcsw, ru_nivcsw;
};

/// `who`: RUSAGE_SELF, RUSAGE_THREAD (the calling thread's processor time), RUSAGE_CHILDREN (zeros: there are none).
/// 0, or -1 with errno: EINVAL, EFAULT.
int getrusage(int who, struct rusage* usage);

#ifdef __cplusplus
}
#endif

#endif
