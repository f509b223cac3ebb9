// SPDX-License-Identifier: Apache-2.0
// Use of the machine's resources, as on Linux (getrusage(2)).
#ifndef TENON_SYS_RESOURCE_H
#define TENON_SYS_RESOURCE_H

#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

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

typedef uint64_t rlim_t;
#define RLIM_INFINITY (~(rlim_t)0)
#define RLIM_SAVED_CUR RLIM_INFINITY
#define RLIM_SAVED_MAX RLIM_INFINITY

#define RLIMIT_CPU 0
#define RLIMIT_FSIZE 1
#define RLIMIT_DATA 2
#define RLIMIT_STACK 3
#define RLIMIT_CORE 4
#define RLIMIT_RSS 5
#define RLIMIT_NPROC 6
#define RLIMIT_NOFILE 7
#define RLIMIT_OFILE RLIMIT_NOFILE
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS 9
#define RLIMIT_LOCKS 10
#define RLIMIT_SIGPENDING 11
#define RLIMIT_MSGQUEUE 12
#define RLIMIT_NICE 13
#define RLIMIT_RTPRIO 14
#define RLIMIT_RTTIME 15
#define RLIMIT_NLIMITS 16
#define RLIM_NLIMITS RLIMIT_NLIMITS

struct rlimit {
    rlim_t rlim_cur;
    rlim_t rlim_max;
};

/// Limits are kept and told, and limit nothing. 0, or -1 with errno: EINVAL, EFAULT, EPERM (more descriptors than there
/// are), ESRCH (another process).
int getrlimit(int resource, struct rlimit* limit);
int setrlimit(int resource, const struct rlimit* limit);
int prlimit(pid_t process, int resource, const struct rlimit* limit, struct rlimit* old);

#define PRIO_PROCESS 0
#define PRIO_PGRP 1
#define PRIO_USER 2
#define PRIO_MIN (-20)
#define PRIO_MAX 20

/// The nice value is kept and told, and changes no thread's priority (sched_setparam does). -1 with errno: EINVAL,
/// ESRCH.
int getpriority(int which, id_t who);
int setpriority(int which, id_t who, int value);

/// `who`: RUSAGE_SELF, RUSAGE_THREAD (the calling thread's processor time), RUSAGE_CHILDREN (zeros: there are none).
/// 0, or -1 with errno: EINVAL, EFAULT.
int getrusage(int who, struct rusage* usage);

#ifdef __cplusplus
}
#endif

#endif
