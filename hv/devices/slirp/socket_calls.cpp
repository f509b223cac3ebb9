// SPDX-License-Identifier: Apache-2.0
// The calls by which libslirp opens and closes sockets, in place of the C library's: it has no limit of its own, and
// none that can be set. A symbol of the program comes before one of a library; so these are what libslirp finds.
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "hv/devices/slirp/socket_quota.h"

namespace hv::slirp {

namespace {

std::optional<SocketQuota>& quota() {
    static std::optional<SocketQuota> the_one;
    return the_one;
}

SocketKind kind_of(int type, int protocol) {
    if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6) return SocketKind::ping;
    return (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) == SOCK_STREAM ? SocketKind::outgoing : SocketKind::datagram;
}

}  // namespace

SocketQuota& set_up_socket_quota() {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max = std::min<rlim_t>(limit.rlim_max, SocketQuota::most_descriptors);
    setrlimit(RLIMIT_NOFILE, &limit);
    return quota().emplace(static_cast<unsigned>(limit.rlim_cur));
}

}  // namespace hv::slirp

using namespace hv::slirp;

extern "C" int socket(int domain, int type, int protocol) noexcept {
    const SocketKind kind = kind_of(type, protocol);
    if (quota() && !quota()->allows(kind)) {
        errno = EMFILE;
        return -1;
    }
    const auto fd = static_cast<int>(syscall(SYS_socket, domain, type, protocol));
    if (quota()) quota()->opened(fd, kind);
    return fd;
}

extern "C" int accept(int listener, sockaddr* address, socklen_t* size) {
    const auto fd = static_cast<int>(syscall(SYS_accept, listener, address, size));
    if (fd < 0 || !quota()) return fd;
    if (!quota()->allows(SocketKind::incoming)) {
        // Taken and closed: left alone, it would be there to be taken again at once.
        syscall(SYS_close, fd);
        errno = ECONNABORTED;
        return -1;
    }
    quota()->opened(fd, SocketKind::incoming);
    return fd;
}

extern "C" int close(int fd) {
    if (quota()) quota()->closed(fd);
    return static_cast<int>(syscall(SYS_close, fd));
}
