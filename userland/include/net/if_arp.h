// SPDX-License-Identifier: Apache-2.0
// Kinds of links, as an interface's hardware address names them. Numbers are those of Linux.
#ifndef TENON_NET_IF_ARP_H
#define TENON_NET_IF_ARP_H

#define ARPHRD_ETHER 1
#define ARPHRD_LOOPBACK 772

#endif
