// SPDX-License-Identifier: Apache-2.0
// The system's name (IEEE Std 1003.1-2017, <sys/utsname.h>): Newlib has none.
#ifndef TENON_SYS_UTSNAME_H
#define TENON_SYS_UTSNAME_H

#ifdef __cplusplus
extern "C" {
#endif

struct utsname {
    char sysname[65];
    char nodename[65];
    char release[65];
    char version[65];
    char machine[65];
};

int uname(struct utsname* name);

#ifdef __cplusplus
}
#endif

#endif
