// SPDX-License-Identifier: Apache-2.0
// UDP's header, and options of UDP sockets (udp(7)). Numbers and layouts are those of Linux.
#ifndef TENON_NETINET_UDP_H
#define TENON_NETINET_UDP_H

#include <stdint.h>

#define SOL_UDP 17

#define UDP_CORK 1

/* All in network byte order. */
struct udphdr {
    uint16_t source;
    uint16_t dest;
    uint16_t len;
    uint16_t check;
};

#endif
