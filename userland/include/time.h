// SPDX-License-Identifier: Apache-2.0
// The C library's header, with the unit of clock() that POSIX asks for (IEEE Std 1003.1-2017, <time.h>).
#pragma once

#include_next <time.h>

#undef CLOCKS_PER_SEC
#define CLOCKS_PER_SEC 1000000
#undef CLK_TCK

// Newlib declares these where _POSIX_CPUTIME is defined only.
#ifndef CLOCK_PROCESS_CPUTIME_ID
#define CLOCK_PROCESS_CPUTIME_ID 2
#endif
#ifndef CLOCK_THREAD_CPUTIME_ID
#define CLOCK_THREAD_CPUTIME_ID 3
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* POSIX's names for Newlib's variables, which tzset() sets. */
extern long timezone __asm__("_timezone");
extern int daylight __asm__("_daylight");

/// The clock of the processor time of `process`, which is 0 or this one. 0, or ESRCH.
int clock_getcpuclockid(pid_t process, clockid_t* clock);

#ifdef __cplusplus
}
#endif
