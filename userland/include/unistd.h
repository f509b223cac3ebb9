// SPDX-License-Identifier: Apache-2.0
// Newlib's header, and the declarations that it leaves out.
#ifndef TENON_UNISTD_H
#define TENON_UNISTD_H

#include_next <unistd.h>

#define _CS_PATH 0

// As on Linux: the next data, and the next hole.
#define SEEK_DATA 3
#define SEEK_HOLE 4

#ifdef __cplusplus
extern "C" {
#endif

/// The three user and group numbers of the process (Linux). 0, or -1 with errno: EPERM.
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);
int getresuid(uid_t* real, uid_t* effective, uid_t* saved);
int getresgid(gid_t* real, gid_t* effective, gid_t* saved);

/// Writes what was written to the file system of `fd`.
int syncfs(int fd);

#ifdef __cplusplus
}
#endif

#endif
