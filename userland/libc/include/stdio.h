// SPDX-License-Identifier: Apache-2.0
// Stream functions that Newlib has under other names only.
#ifndef TENON_STDIO_H
#define TENON_STDIO_H

#include_next <stdio.h>

#if __POSIX_VISIBLE >= 200809
#ifdef __cplusplus
extern "C" {
#endif

ssize_t getline(char** line, size_t* size, FILE* stream);
ssize_t getdelim(char** line, size_t* size, int delimiter, FILE* stream);

#ifdef __cplusplus
}
#endif
#endif

#endif
