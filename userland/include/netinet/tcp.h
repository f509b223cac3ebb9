// SPDX-License-Identifier: Apache-2.0
// Options of TCP sockets (IEEE Std 1003.1-2017, <netinet/tcp.h>). Numbers are those of Linux.
#ifndef TENON_NETINET_TCP_H
#define TENON_NETINET_TCP_H

#define TCP_NODELAY 1
#define TCP_KEEPIDLE 4
#define TCP_KEEPINTVL 5
#define TCP_KEEPCNT 6

#endif
