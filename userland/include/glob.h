// SPDX-License-Identifier: Apache-2.0
// The C library's header, and the result of glob() that it lacks (IEEE Std 1003.1-2017, <glob.h>).
#pragma once

#include_next <glob.h>

#define GLOB_NOMATCH (-3)
