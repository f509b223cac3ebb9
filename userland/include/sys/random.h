// SPDX-License-Identifier: Apache-2.0
// Random bytes, with Linux's names. Never blocks after boot.
#ifndef TENON_SYS_RANDOM_H
#define TENON_SYS_RANDOM_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GRND_NONBLOCK 1
#define GRND_RANDOM 2

ssize_t getrandom(void* buffer, size_t size, unsigned int flags);
int getentropy(void* buffer, size_t size);

#ifdef __cplusplus
}
#endif

#endif
