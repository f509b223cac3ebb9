// SPDX-License-Identifier: Apache-2.0
// Access and modification times: Newlib's uses time_t without its declaration.
#ifndef TENON_SYS_UTIME_H
#define TENON_SYS_UTIME_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct utimbuf {
    time_t actime;
    time_t modtime;
};

int utime(const char* path, const struct utimbuf* times);

#ifdef __cplusplus
}
#endif

#endif
