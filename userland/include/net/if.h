// SPDX-License-Identifier: Apache-2.0
// Network interfaces by name and number (IEEE Std 1003.1-2017, <net/if.h>).
#ifndef TENON_NET_IF_H
#define TENON_NET_IF_H

#ifdef __cplusplus
extern "C" {
#endif

#define IF_NAMESIZE 16
#define IFNAMSIZ IF_NAMESIZE

struct ifreq {
    char ifr_name[IFNAMSIZ];
};

unsigned int if_nametoindex(const char* name);
/* `name` has room for IF_NAMESIZE bytes. */
char* if_indextoname(unsigned int index, char* name);

#ifdef __cplusplus
}
#endif

#endif
