// SPDX-License-Identifier: Apache-2.0
// Names of hosts and services (IEEE Std 1003.1-2017, <netdb.h>). Numbers are those of Linux.
#ifndef TENON_NETDB_H
#define TENON_NETDB_H

#include <netinet/in.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hostent {
    char* h_name;
    char** h_aliases;
    int h_addrtype;
    int h_length;
    char** h_addr_list;
#define h_addr h_addr_list[0]
};

struct servent {
    char* s_name;
    char** s_aliases;
    int s_port; /* network byte order */
    char* s_proto;
};

struct addrinfo {
    int ai_flags;
    int ai_family;
    int ai_socktype;
    int ai_protocol;
    socklen_t ai_addrlen;
    struct sockaddr* ai_addr;
    char* ai_canonname;
    struct addrinfo* ai_next;
};

#define AI_PASSIVE 0x0001
#define AI_CANONNAME 0x0002
#define AI_NUMERICHOST 0x0004
#define AI_V4MAPPED 0x0008
#define AI_ALL 0x0010
#define AI_ADDRCONFIG 0x0020
#define AI_NUMERICSERV 0x0400

#define NI_NUMERICHOST 1
#define NI_NUMERICSERV 2
#define NI_NOFQDN 4
#define NI_NAMEREQD 8
#define NI_DGRAM 16
#define NI_MAXHOST 1025
#define NI_MAXSERV 32

#define EAI_BADFLAGS (-1)
#define EAI_NONAME (-2)
#define EAI_AGAIN (-3)
#define EAI_FAIL (-4)
#define EAI_NODATA (-5)
#define EAI_FAMILY (-6)
#define EAI_SOCKTYPE (-7)
#define EAI_SERVICE (-8)
#define EAI_ADDRFAMILY (-9)
#define EAI_MEMORY (-10)
#define EAI_SYSTEM (-11)
#define EAI_OVERFLOW (-12)

#define HOST_NOT_FOUND 1
#define TRY_AGAIN 2
#define NO_RECOVERY 3
#define NO_DATA 4
#define NO_ADDRESS NO_DATA
extern int h_errno;

/* Names are looked up in /etc/hosts and by the name servers (/etc/resolv.conf, or those of the interface), services in
   /etc/services or a short list of our own. Blocks for the answer of a name server. */
int getaddrinfo(const char* host, const char* service, const struct addrinfo* hints, struct addrinfo** result);
void freeaddrinfo(struct addrinfo* list);
const char* gai_strerror(int error);
int getnameinfo(const struct sockaddr* address, socklen_t address_size, char* host, socklen_t host_size, char* service,
                socklen_t service_size, int flags);
struct hostent* gethostbyname(const char* name);
struct hostent* gethostbyname2(const char* name, int family);
struct hostent* gethostbyaddr(const void* address, socklen_t size, int family);
/* `protocol` may be null. Null: not known. */
struct servent* getservbyname(const char* name, const char* protocol);
struct servent* getservbyport(int port, const char* protocol);
const char* hstrerror(int error);

#ifdef __cplusplus
}
#endif

#endif
