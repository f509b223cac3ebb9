// SPDX-License-Identifier: Apache-2.0
// Newlib's header, and Linux's renameat2.
#ifndef TENON_RENAME_STDIO_H
#define TENON_RENAME_STDIO_H

#include_next <stdio.h>

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE 2u

#ifdef __cplusplus
extern "C" {
#endif

/// rename(2): with RENAME_NOREPLACE it fails with EEXIST instead of replacing, with RENAME_EXCHANGE it exchanges the
/// two names.
int renameat2(int from_directory, const char* from, int to_directory, const char* to, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
