// SPDX-License-Identifier: Apache-2.0
// Newlib's declarations of resource use, which it does not mark as C's.
#ifndef TENON_SYS_RESOURCE_H
#define TENON_SYS_RESOURCE_H

#ifdef __cplusplus
extern "C" {
#endif

#include_next <sys/resource.h>

#ifdef __cplusplus
}
#endif

#endif
