// SPDX-License-Identifier: Apache-2.0
// Newlib's header, and the declarations that it leaves out.
#ifndef TENON_UNISTD_H
#define TENON_UNISTD_H

#include_next <unistd.h>

#define _CS_PATH 0

#endif
