// SPDX-License-Identifier: Apache-2.0
// Internet addresses as text (IEEE Std 1003.1-2017, <arpa/inet.h>).
#ifndef TENON_ARPA_INET_H
#define TENON_ARPA_INET_H

#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

in_addr_t inet_addr(const char* text);
int inet_aton(const char* text, struct in_addr* address);
/* The text stands in memory of the calling thread, until its next call. */
char* inet_ntoa(struct in_addr address);
const char* inet_ntop(int family, const void* address, char* text, socklen_t size);
int inet_pton(int family, const char* text, void* address);

#ifdef __cplusplus
}
#endif

#endif
