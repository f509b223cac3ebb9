/* SPDX-License-Identifier: Apache-2.0 */
/* lwIP's settings for compiler and processor. */
#ifndef TENON_LWIP_CC_H
#define TENON_LWIP_CC_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

void* tenon_net_allocate(size_t size);
void* tenon_net_allocate_zeroed(size_t count, size_t size);
void tenon_net_free(void* memory);
uint32_t tenon_net_random(void);
void tenon_net_assertion_failed(const char* message, const char* file, int line);

#ifdef __cplusplus
}
#endif

/* Newlib names them differently. */
#ifndef BYTE_ORDER
#define LITTLE_ENDIAN 1234
#define BIG_ENDIAN 4321
#define BYTE_ORDER LITTLE_ENDIAN
#endif
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1
#define lwip_htons(value) __builtin_bswap16(value)
#define lwip_htonl(value) __builtin_bswap32(value)
#define lwip_ntohs(value) __builtin_bswap16(value)
#define lwip_ntohl(value) __builtin_bswap32(value)

#ifndef SSIZE_MAX
#define SSIZE_MAX LONG_MAX
#endif
#define LWIP_NO_UNISTD_H 1
#define LWIP_RAND() tenon_net_random()
#define LWIP_PLATFORM_DIAG(message)
#define LWIP_PLATFORM_ASSERT(message) tenon_net_assertion_failed(message, __FILE__, __LINE__)

#endif
