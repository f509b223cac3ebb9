// SPDX-License-Identifier: Apache-2.0
// Errors of packets that did not arrive, as recvmsg(MSG_ERRQUEUE) returns them (ip(7), IP_RECVERR).
#ifndef TENON_LINUX_ERRQUEUE_H
#define TENON_LINUX_ERRQUEUE_H

#include <stdint.h>
#include <sys/socket.h>

struct sock_extended_err {
    uint32_t ee_errno;
    uint8_t ee_origin;
    uint8_t ee_type;
    uint8_t ee_code;
    uint8_t ee_pad;
    uint32_t ee_info;
    uint32_t ee_data;
};

#define SO_EE_ORIGIN_NONE 0
#define SO_EE_ORIGIN_LOCAL 1
#define SO_EE_ORIGIN_ICMP 2
#define SO_EE_ORIGIN_ICMP6 3

/* The sender of the error message: its address stands behind the structure. */
#define SO_EE_OFFENDER(error) ((struct sockaddr*)((error) + 1))

#endif
