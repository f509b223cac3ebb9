// SPDX-License-Identifier: Apache-2.0
// Newlib's header, and Linux's commands for pipes.
#ifndef TENON_FCNTL_H
#define TENON_FCNTL_H

#include_next <fcntl.h>

/* The capacity of a pipe in bytes: up to 1 MiB, rounded up to a power of two. */
#define F_SETPIPE_SZ 1031
#define F_GETPIPE_SZ 1032

#endif
