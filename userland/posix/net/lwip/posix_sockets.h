/* SPDX-License-Identifier: Apache-2.0 */
/* In place of lwIP's lwip/sockets.h: Tenon's own POSIX headers, and lwIP's socket functions under their own names. */
#ifndef TENON_LWIP_POSIX_SOCKETS_H
#define TENON_LWIP_POSIX_SOCKETS_H

#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lwip/err.h"
#include "lwip/errno.h"
#include "lwip/inet.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"

/* BSD addresses contain their length; POSIX addresses do not. */
#define IP4ADDR_SOCKADDR_SET_LEN(address)
#define IP6ADDR_SOCKADDR_SET_LEN(address)
#define IPADDR_SOCKADDR_GET_LEN(address) \
    ((address)->sa.sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in))
#define SIN_ZERO_LEN sizeof(((struct sockaddr_in*)0)->sin_zero)
/* BSD's option in milliseconds, which Linux lacks: a number that no program uses. */
#define TCP_KEEPALIVE 0x7F02

#ifdef __cplusplus
extern "C" {
#endif

void lwip_socket_thread_init(void);
void lwip_socket_thread_cleanup(void);
int lwip_accept(int s, struct sockaddr* addr, socklen_t* addrlen);
int lwip_bind(int s, const struct sockaddr* name, socklen_t namelen);
int lwip_shutdown(int s, int how);
int lwip_getpeername(int s, struct sockaddr* name, socklen_t* namelen);
int lwip_getsockname(int s, struct sockaddr* name, socklen_t* namelen);
int lwip_getsockopt(int s, int level, int optname, void* optval, socklen_t* optlen);
int lwip_setsockopt(int s, int level, int optname, const void* optval, socklen_t optlen);
int lwip_close(int s);
int lwip_connect(int s, const struct sockaddr* name, socklen_t namelen);
int lwip_listen(int s, int backlog);
ssize_t lwip_recv(int s, void* mem, size_t len, int flags);
ssize_t lwip_read(int s, void* mem, size_t len);
ssize_t lwip_readv(int s, const struct iovec* iov, int iovcnt);
ssize_t lwip_recvfrom(int s, void* mem, size_t len, int flags, struct sockaddr* from, socklen_t* fromlen);
ssize_t lwip_recvmsg(int s, struct msghdr* message, int flags);
ssize_t lwip_send(int s, const void* dataptr, size_t size, int flags);
ssize_t lwip_sendmsg(int s, const struct msghdr* message, int flags);
ssize_t lwip_sendto(int s, const void* dataptr, size_t size, int flags, const struct sockaddr* to, socklen_t tolen);
int lwip_socket(int domain, int type, int protocol);
ssize_t lwip_write(int s, const void* dataptr, size_t size);
ssize_t lwip_writev(int s, const struct iovec* iov, int iovcnt);
int lwip_poll(struct pollfd* fds, nfds_t nfds, int timeout);
int lwip_ioctl(int s, long cmd, void* argp);
int lwip_fcntl(int s, int cmd, int val);
const char* lwip_inet_ntop(int af, const void* src, char* dst, socklen_t size);
int lwip_inet_pton(int af, const char* src, void* dst);

#ifdef __cplusplus
}
#endif

#endif
