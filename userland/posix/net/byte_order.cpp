// SPDX-License-Identifier: Apache-2.0
// The functions behind <netinet/in.h>'s inline ones, for programs that take their addresses.
#define htons inline_htons
#define ntohs inline_ntohs
#define htonl inline_htonl
#define ntohl inline_ntohl
#include <netinet/in.h>
#undef htons
#undef ntohs
#undef htonl
#undef ntohl

extern "C" {
uint16_t htons(uint16_t value) { return __builtin_bswap16(value); }
uint16_t ntohs(uint16_t value) { return __builtin_bswap16(value); }
uint32_t htonl(uint32_t value) { return __builtin_bswap32(value); }
uint32_t ntohl(uint32_t value) { return __builtin_bswap32(value); }
}
