// SPDX-License-Identifier: Apache-2.0
// Newlib's fd_set, for as many descriptors as there are.
#ifndef TENON_SYS_SELECT_H
#define TENON_SYS_SELECT_H

#ifndef FD_SETSIZE
#define FD_SETSIZE 16384
#endif
#include_next <sys/select.h>

#endif
