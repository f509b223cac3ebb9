// SPDX-License-Identifier: Apache-2.0
// c-ares's sockets: ordinary ones, but for the interface of a link-local server.
#include "userland/posix/net/resolver_sockets.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kernel/net/core_lock.h"
#include "lwip/dns.h"
#include "userland/posix/net/endpoint.h"

namespace tenon::posix {
namespace {

ares_socket_t open_socket(int family, int type, int protocol, void*) {
    return socket(family, type | SOCK_NONBLOCK, protocol);
}

int close_socket(ares_socket_t fd, void*) { return close(fd); }

int connect_socket(ares_socket_t fd, const sockaddr* address, ares_socklen_t size, void*) {
    const auto to = read_endpoint(address, size, address->sa_family);
    if (!to || !IP_IS_V6_VAL(to->address) || !ip6_addr_islinklocal(ip_2_ip6(&to->address)))
        return connect(fd, address, size);
    Endpoint server = *to;
    {
        const net::CoreLock lock;
        for (u8_t i = 0; i < DNS_MAX_SERVERS; ++i)
            if (const ip_addr_t* known = dns_getserver(i);
                IP_IS_V6(known) && ip6_addr_cmp_zoneless(ip_2_ip6(known), ip_2_ip6(&to->address)))
                server.address = *known;
    }
    sockaddr_storage with_interface;
    const socklen_t whole_size = store_endpoint(server, AF_INET6, with_interface);
    return connect(fd, reinterpret_cast<const sockaddr*>(&with_interface), whole_size);
}

ares_ssize_t receive(ares_socket_t fd, void* data, std::size_t size, int flags, sockaddr* from,
                     ares_socklen_t* from_size, void*) {
    return recvfrom(fd, data, size, flags, from, from_size);
}

ares_ssize_t send_parts(ares_socket_t fd, const iovec* parts, int count, void*) { return writev(fd, parts, count); }

}  // namespace

constinit const ares_socket_functions resolver_sockets{open_socket, close_socket, connect_socket, receive, send_parts};

}  // namespace tenon::posix
