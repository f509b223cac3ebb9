// SPDX-License-Identifier: Apache-2.0
// Sockets (IEEE Std 1003.1-2017, <sys/socket.h>). Numbers and layouts are those of Linux on x86-64.
#ifndef TENON_SYS_SOCKET_H
#define TENON_SYS_SOCKET_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint32_t socklen_t;
typedef uint16_t sa_family_t;

struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};

struct sockaddr_storage {
    sa_family_t ss_family;
    char __ss_padding[118];
    unsigned long __ss_align;
};

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_LOCAL AF_UNIX
#define AF_INET 2
#define AF_INET6 10
#define AF_PACKET 17
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_LOCAL AF_LOCAL
#define PF_INET AF_INET
#define PF_INET6 AF_INET6

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5
#define SOCK_DCCP 6
#define SOCK_PACKET 10
/* Flags of the type, in socket() and accept4(). */
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000

#define SOL_SOCKET 1

#define SO_DEBUG 1
#define SO_REUSEADDR 2
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_DONTROUTE 5
#define SO_BROADCAST 6
#define SO_SNDBUF 7
#define SO_RCVBUF 8
#define SO_KEEPALIVE 9
#define SO_OOBINLINE 10
#define SO_NO_CHECK 11
#define SO_PRIORITY 12
#define SO_LINGER 13
#define SO_BSDCOMPAT 14
#define SO_REUSEPORT 15
#define SO_PASSCRED 16
#define SO_PEERCRED 17
#define SO_RCVLOWAT 18
#define SO_SNDLOWAT 19
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_BINDTODEVICE 25
#define SO_TIMESTAMP 29
#define SCM_TIMESTAMP SO_TIMESTAMP
#define SO_ACCEPTCONN 30
#define SO_SNDBUFFORCE 32
#define SO_RCVBUFFORCE 33
#define SO_TIMESTAMPNS 35
#define SCM_TIMESTAMPNS SO_TIMESTAMPNS
#define SO_MARK 36
#define SO_PROTOCOL 38
#define SO_DOMAIN 39
#define SO_RXQ_OVFL 40
#define SO_SELECT_ERR_QUEUE 45
#define SO_BUSY_POLL 46
#define SO_ZEROCOPY 60

#define SOMAXCONN 4096

/* Control messages of AF_UNIX: descriptors, and the sender. */
#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2

struct ucred {
    pid_t pid;
    uid_t uid;
    gid_t gid;
};

struct linger {
    int l_onoff;
    int l_linger;
};

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

#define MSG_OOB 0x01
#define MSG_PEEK 0x02
#define MSG_DONTROUTE 0x04
#define MSG_CTRUNC 0x08
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_WAITALL 0x100
#define MSG_CONFIRM 0x800
#define MSG_ERRQUEUE 0x2000
#define MSG_NOSIGNAL 0x4000
#define MSG_MORE 0x8000
#define MSG_WAITFORONE 0x10000
#define MSG_CMSG_CLOEXEC 0x40000000

struct msghdr {
    void* msg_name;
    socklen_t msg_namelen;
    struct iovec* msg_iov;
    size_t msg_iovlen;
    void* msg_control;
    size_t msg_controllen;
    int msg_flags;
};

struct cmsghdr {
    size_t cmsg_len;
    int cmsg_level;
    int cmsg_type;
};

#define CMSG_ALIGN(length) (((length) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_SPACE(length) (CMSG_ALIGN(sizeof(struct cmsghdr)) + CMSG_ALIGN(length))
#define CMSG_LEN(length) (CMSG_ALIGN(sizeof(struct cmsghdr)) + (length))
#define CMSG_DATA(header) ((unsigned char*)(header) + CMSG_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_FIRSTHDR(message) \
    ((message)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr*)(message)->msg_control : (struct cmsghdr*)0)
/* A header that says it is shorter than itself ends the list. */
#define CMSG_NXTHDR(message, header)                                                                          \
    ((header)->cmsg_len < sizeof(struct cmsghdr) ||                                                           \
             (unsigned char*)(header) + CMSG_ALIGN((header)->cmsg_len) + CMSG_ALIGN(sizeof(struct cmsghdr)) > \
                 (unsigned char*)(message)->msg_control + (message)->msg_controllen                           \
         ? (struct cmsghdr*)0                                                                                 \
         : (struct cmsghdr*)((unsigned char*)(header) + CMSG_ALIGN((header)->cmsg_len)))

struct mmsghdr {
    struct msghdr msg_hdr;
    unsigned int msg_len;
};

struct timespec;

int socket(int domain, int type, int protocol);
int socketpair(int domain, int type, int protocol, int descriptors[2]);
int bind(int fd, const struct sockaddr* address, socklen_t size);
int listen(int fd, int backlog);
int accept(int fd, struct sockaddr* address, socklen_t* size);
int accept4(int fd, struct sockaddr* address, socklen_t* size, int flags);
int connect(int fd, const struct sockaddr* address, socklen_t size);
int shutdown(int fd, int how);
int sockatmark(int fd); /* there is no urgent data: 0 for a stream */
int getsockname(int fd, struct sockaddr* address, socklen_t* size);
int getpeername(int fd, struct sockaddr* address, socklen_t* size);
int getsockopt(int fd, int level, int option, void* value, socklen_t* size);
int setsockopt(int fd, int level, int option, const void* value, socklen_t size);
ssize_t send(int fd, const void* data, size_t size, int flags);
ssize_t sendto(int fd, const void* data, size_t size, int flags, const struct sockaddr* address,
               socklen_t address_size);
ssize_t sendmsg(int fd, const struct msghdr* message, int flags);
ssize_t recv(int fd, void* buffer, size_t size, int flags);
ssize_t recvfrom(int fd, void* buffer, size_t size, int flags, struct sockaddr* address, socklen_t* address_size);
ssize_t recvmsg(int fd, struct msghdr* message, int flags);
int sendmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags);
int recvmmsg(int fd, struct mmsghdr* messages, unsigned int count, int flags, struct timespec* timeout);

#ifdef __cplusplus
}
#endif

#endif
