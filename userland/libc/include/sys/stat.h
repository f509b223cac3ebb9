// SPDX-License-Identifier: Apache-2.0
// File status: declarations that Newlib makes for a few named systems only.
#ifndef TENON_SYS_STAT_H
#define TENON_SYS_STAT_H

#include_next <sys/stat.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UTIME_NOW (-2L)
#define UTIME_OMIT (-1L)

int lstat(const char* path, struct stat* status);

#ifdef __cplusplus
}
#endif

#endif
