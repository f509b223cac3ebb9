// SPDX-License-Identifier: Apache-2.0
// File systems' space (Linux, statfs(2)).
#ifndef TENON_SYS_VFS_H
#define TENON_SYS_VFS_H

/* In C++ the function has the name of the structure's constructor, which the compiler warns of in our own headers. */
#pragma GCC system_header

#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int __val[2];
} fsid_t;

struct statfs {
    long f_type; /* 0: kinds of file systems have no numbers here */
    long f_bsize;
    uint64_t f_blocks;
    uint64_t f_bfree;
    uint64_t f_bavail;
    uint64_t f_files;
    uint64_t f_ffree;
    fsid_t f_fsid;
    long f_namelen;
    long f_frsize;
    long f_flags;
};

/// As statvfs() and fstatvfs().
int statfs(const char* path, struct statfs* status);
int fstatfs(int fd, struct statfs* status);

#ifdef __cplusplus
}
#endif

#endif
