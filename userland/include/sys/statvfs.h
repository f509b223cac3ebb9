// SPDX-License-Identifier: Apache-2.0
// What a file system holds (IEEE Std 1003.1-2017, <sys/statvfs.h>), with Linux's flags.
#ifndef TENON_SYS_STATVFS_H
#define TENON_SYS_STATVFS_H

// A function hides the constructor of the structure of its name.
#pragma GCC system_header

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct statvfs {
    unsigned long f_bsize;
    unsigned long f_frsize;
    fsblkcnt_t f_blocks;
    fsblkcnt_t f_bfree;
    fsblkcnt_t f_bavail;
    fsfilcnt_t f_files;
    fsfilcnt_t f_ffree;
    fsfilcnt_t f_favail;
    unsigned long f_fsid;
    unsigned long f_flag;
    unsigned long f_namemax;
};

#define ST_RDONLY 1
#define ST_NOSUID 2

int statvfs(const char* path, struct statvfs* result);
int fstatvfs(int fd, struct statvfs* result);

#ifdef __cplusplus
}
#endif

#endif
