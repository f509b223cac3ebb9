// SPDX-License-Identifier: Apache-2.0
// Addresses of local sockets (IEEE Std 1003.1-2017, <sys/un.h>; Linux, unix(7)).
#ifndef TENON_SYS_UN_H
#define TENON_SYS_UN_H

#include <string.h>
#include <sys/socket.h>

/// A path that ends with a zero, or an abstract name: a zero, and the bytes behind it up to the address's size.
struct sockaddr_un {
    sa_family_t sun_family;
    char sun_path[108];
};

#define SUN_LEN(address) (offsetof(struct sockaddr_un, sun_path) + strlen((address)->sun_path))

/* A program that includes this header contains local sockets: socket() and the others refer to them weakly only, so
   that programs of the network alone are smaller. */
__asm__(".pushsection .tenon.wanted,\"e\",@progbits\n\t.quad tenon_local_sockets\n\t.popsection");

#endif
