// SPDX-License-Identifier: Apache-2.0
// Newlib's limits, with those that are Tenon's own.
#ifndef TENON_SYS_SYSLIMITS_H
#define TENON_SYS_SYSLIMITS_H

#include_next <sys/syslimits.h>

#undef PIPE_BUF
#define PIPE_BUF 4096
#ifndef SSIZE_MAX
#define SSIZE_MAX __LONG_MAX__
#endif

#endif
