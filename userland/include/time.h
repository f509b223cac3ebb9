// SPDX-License-Identifier: Apache-2.0
// The C library's header, with the unit of clock() that POSIX asks for (IEEE Std 1003.1-2017, <time.h>).
#pragma once

#include_next <time.h>

#undef CLOCKS_PER_SEC
#define CLOCKS_PER_SEC 1000000
#undef CLK_TCK
