// SPDX-License-Identifier: Apache-2.0
// Link-layer addresses, as getifaddrs() gives them (packet(7)). There are no sockets of this family.
#ifndef TENON_NETPACKET_PACKET_H
#define TENON_NETPACKET_PACKET_H

struct sockaddr_ll {
    unsigned short sll_family;
    unsigned short sll_protocol;
    int sll_ifindex;
    unsigned short sll_hatype;
    unsigned char sll_pkttype;
    unsigned char sll_halen;
    unsigned char sll_addr[8];
};

#endif
