// SPDX-License-Identifier: Apache-2.0
// A socket as a file.
#include "userland/posix/net/socket_file.h"

#include <sys/ioctl.h>

#include <cstring>

#include "kernel/net/core_lock.h"
#include "lwip/api.h"
#include "lwip/sockets.h"
#include "lwip/sys.h"
#include "userland/posix/status.h"

// It declares a C function without saying so.
extern "C" {
#include "lwip/priv/sockets_priv.h"
}

namespace tenon::posix {
namespace {

// By lwIP's number. Written with the core lock held, under which events come.
constinit std::atomic<SocketFile*> files[MEMP_NUM_NETCONN] = {};
constinit netconn_callback count_event = nullptr;

/// In place of lwIP's own callback: lets it count, then tells poll().
void socket_event(netconn* connection, netconn_evt event, u16_t size) {
    count_event(connection, event, size);
    // Data that comes before accept() has made the socket is found by the first look at it.
    const int number = connection->socket;
    if (event == NETCONN_EVT_RCVMINUS || event == NETCONN_EVT_SENDMINUS || number < 0 || number >= MEMP_NUM_NETCONN)
        return;
    if (SocketFile* file = files[number].load(std::memory_order_acquire); file != nullptr) file->readiness_changed();
}

/// A place among the sockets that there may be. lwIP does not notice, as Debian has patched it, that it has none left.
class Reservation {
public:
    Reservation() : granted_(open_sockets.fetch_add(1) < TENON_SOCKET_LIMIT) {}
    ~Reservation() {
        if (!used_) open_sockets.fetch_sub(1);
    }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    [[nodiscard]] bool granted() const { return granted_; }
    /// The place is given back when the socket is closed.
    void use() { used_ = true; }
    static void give_back() { open_sockets.fetch_sub(1); }

private:
    static inline constinit std::atomic<int> open_sockets = 0;
    bool granted_;
    bool used_ = false;
};

}  // namespace

Outcome<SocketAddress> SocketAddress::copy(const sockaddr* address, socklen_t size) {
    if (address == nullptr) return fail_with(EFAULT);
    if (size < sizeof(address->sa_family)) return fail_with(EINVAL);
    SocketAddress result;
    std::memset(&result, 0, sizeof(result));
    sa_family_t family;
    std::memcpy(&family, &address->sa_family, sizeof(family));
    switch (family) {
        case AF_INET: result.size = sizeof(sockaddr_in); break;
        case AF_INET6: result.size = sizeof(sockaddr_in6); break;
        case AF_UNSPEC: result.size = sizeof(sockaddr_in); break;  // connect() with it ends an association
        default: return fail_with(EAFNOSUPPORT);
    }
    if (family == AF_UNSPEC) return result;
    if (size < result.size) return fail_with(EINVAL);
    std::memcpy(&result.storage, address, result.size);
    return result;
}

Outcome<FileReference> SocketFile::wrap(int number, bool stream, int flags) {
    auto* file = new (std::nothrow) SocketFile(number, stream);
    if (file == nullptr) {
        lwip_close(number);
        return fail_with(ENOMEM);
    }
    FileReference reference(file);
    {
        const net::CoreLock lock;
        netconn* connection = lwip_socket_dbg_get_socket(number)->conn;
        if (count_event == nullptr) count_event = connection->callback;
        connection->callback = socket_event;
        files[number].store(file, std::memory_order_release);
    }
    if ((flags & O_NONBLOCK) != 0) file->set_flags(O_NONBLOCK);
    return reference;
}

Outcome<FileReference> SocketFile::open(int domain, int type, int protocol, int flags) {
    if (domain != AF_INET && domain != AF_INET6) return fail_with(EAFNOSUPPORT);
    const bool known = type == SOCK_RAW || protocol == 0 || (type == SOCK_STREAM && protocol == IPPROTO_TCP) ||
                       (type == SOCK_DGRAM && protocol == IPPROTO_UDP);
    if (!known) return fail_with(EPROTONOSUPPORT);
    Reservation reservation;
    if (!reservation.granted()) return fail_with(ENFILE);
    TRY(const std::size_t number, outcome_of(lwip_socket(domain, type, protocol)));
    auto made = wrap(static_cast<int>(number), type == SOCK_STREAM, flags);
    if (made) reservation.use();
    return made;
}

Outcome<FileReference> SocketFile::accept(sockaddr* address, socklen_t* size, int flags) {
    Reservation reservation;
    if (!reservation.granted()) return fail_with(ENFILE);
    // lwIP wants room for a whole address, a program may give less.
    sockaddr_storage whole;
    socklen_t whole_size = sizeof(whole);
    const bool wanted = address != nullptr && size != nullptr;
    auto* target = reinterpret_cast<sockaddr*>(&whole);
    TRY(const std::size_t number,
        outcome_of(lwip_accept(number_, wanted ? target : nullptr, wanted ? &whole_size : nullptr)));
    auto made = wrap(static_cast<int>(number), true, flags);
    if (!made) return made;
    reservation.use();
    cast(*made).connected_.store(true, std::memory_order_relaxed);
    if (wanted) {
        std::memcpy(address, &whole, *size < whole_size ? *size : whole_size);
        *size = whole_size;
    }
    return made;
}

Outcome<FileReference> SocketFile::of(int fd) {
    auto file = file_of(fd);
    if (file && (*file)->kind() != Kind::socket) return fail_with(ENOTSOCK);
    return file;
}

void SocketFile::closed() {
    if (closed_.exchange(true)) return;
    {
        const net::CoreLock lock;
        files[number_].store(nullptr, std::memory_order_release);
    }
    const int before = errno;
    lwip_close(number_);
    Reservation::give_back();
    errno = before;
}

void SocketFile::destroy() {
    closed();  // there was no descriptor left for it
    delete this;
}

void SocketFile::set_flags(int flags) {
    File::set_flags(flags);
    int nonblocking_now = nonblocking() ? 1 : 0;
    lwip_ioctl(number_, static_cast<long>(FIONBIO), &nonblocking_now);
}

short SocketFile::readiness() {
    SYS_ARCH_DECL_PROTECT(level);
    SYS_ARCH_PROTECT(level);
    const lwip_sock& socket = *lwip_socket_dbg_get_socket(number_);
    int ready = 0;
    if (socket.lastdata.pbuf != nullptr || socket.rcvevent > 0 || ended_.load(std::memory_order_relaxed))
        ready |= POLLIN;
    if (socket.sendevent != 0) ready |= POLLOUT;
    // As Linux has it: a connection that failed can be read and written without blocking, to learn the error.
    if (socket.errevent != 0) ready |= POLLERR | POLLIN | POLLOUT;
    SYS_ARCH_UNPROTECT(level);
    return static_cast<short>(ready);
}

Outcome<std::size_t> SocketFile::sent(ssize_t result) const {
    if (result < 0 && errno == ENOTCONN && connected_.load(std::memory_order_relaxed)) return fail_with(EPIPE);
    return outcome_of(result);
}

Outcome<std::size_t> SocketFile::received(ssize_t result, bool may_be_the_end) {
    // lwIP tells of the end once; after it, and after a reset that was reported, POSIX says "end" again and again.
    if (result < 0 && errno == ENOTCONN && connected_.load(std::memory_order_relaxed)) result = 0;
    if (result == 0 && may_be_the_end && connected_.load(std::memory_order_relaxed))
        ended_.store(true, std::memory_order_relaxed);
    return outcome_of(result);
}

Outcome<std::size_t> SocketFile::receive(void* buffer, std::size_t size, int flags, sockaddr* address,
                                         socklen_t* address_size) {
    return received(lwip_recvfrom(number_, buffer, size, flags, address, address_size), size != 0 && stream_);
}

Outcome<std::size_t> SocketFile::receive(msghdr& message, int flags) {
    std::size_t size = 0;
    for (const iovec& part : std::span(message.msg_iov, message.msg_iovlen)) size += part.iov_len;
    return received(lwip_recvmsg(number_, &message, flags), size != 0 && stream_);
}

Outcome<std::size_t> SocketFile::read(std::span<std::byte> buffer) {
    return receive(buffer.data(), buffer.size(), 0, nullptr, nullptr);
}

Outcome<std::size_t> SocketFile::write(std::span<const std::byte> data) { return send(data, 0); }

Outcome<std::size_t> SocketFile::read_parts(std::span<const iovec> parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return receive(message, 0);
}

Outcome<std::size_t> SocketFile::write_parts(std::span<const iovec> parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return send(message, 0);
}

Outcome<std::size_t> SocketFile::send(std::span<const std::byte> data, int flags) {
    return sent(lwip_send(number_, data.data(), data.size(), flags));
}

Outcome<std::size_t> SocketFile::send(const msghdr& message, int flags) {
    return sent(lwip_sendmsg(number_, &message, flags));
}

namespace {

/// The machine has this address, or it is none of a machine (any, multicast). lwIP itself takes whatever it is given.
bool is_ours(const SocketAddress& address) {
    ip_addr_t wanted{};
    if (address.any.sa_family == AF_INET) {
        ip_addr_set_ip4_u32(&wanted, reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr.s_addr);
    } else {
        IP_SET_TYPE_VAL(wanted, IPADDR_TYPE_V6);
        inet6_addr_to_ip6addr(ip_2_ip6(&wanted), &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
    }
    if (ip_addr_isany(&wanted) || ip_addr_ismulticast(&wanted)) return true;
    if (IP_IS_V6(&wanted) && ip6_addr_isipv4mappedipv6(ip_2_ip6(&wanted))) return true;
    const net::CoreLock lock;
    for (const netif* interface = netif_list; interface != nullptr; interface = interface->next) {
        if (IP_IS_V4(&wanted)) {
            const ip4_addr_t* own = netif_ip4_addr(interface);
            if (ip4_addr_cmp(own, ip_2_ip4(&wanted))) return true;
            // All of 127/8 is this machine (RFC 1122, section 3.2.1.3).
            if (ip4_addr_isloopback(own) && ip4_addr_isloopback(ip_2_ip4(&wanted))) return true;
            continue;
        }
        for (int i = 0; i < LWIP_IPV6_NUM_ADDRESSES; ++i)
            if (ip6_addr_cmp_zoneless(netif_ip6_addr(interface, i), ip_2_ip6(&wanted))) return true;
    }
    return false;
}

}  // namespace

Outcome<> SocketFile::bind(const sockaddr* address, socklen_t size) {
    TRY(const SocketAddress copy, SocketAddress::copy(address, size));
    if (copy.any.sa_family == AF_UNSPEC) return fail_with(EAFNOSUPPORT);
    if (!is_ours(copy)) return fail_with(EADDRNOTAVAIL);
    if (lwip_bind(number_, &copy.any, copy.size) != 0) return fail_with(errno);
    return {};
}

Outcome<> SocketFile::connect(const sockaddr* address, socklen_t size) {
    TRY(const SocketAddress copy, SocketAddress::copy(address, size));
    if (lwip_connect(number_, &copy.any, copy.size) == 0) {
        connected_.store(true, std::memory_order_relaxed);
        return {};
    }
    switch (errno) {
        case EINPROGRESS: connected_.store(true, std::memory_order_relaxed); return fail_with(EINPROGRESS);
        // lwIP tells why a connection ended, not when: before it began these are called otherwise.
        case ECONNRESET: return fail_with(ECONNREFUSED);
        case ECONNABORTED: return fail_with(ETIMEDOUT);
        case EWOULDBLOCK: return fail_with(ETIMEDOUT);
        default: return fail_with(errno);
    }
}

Outcome<> SocketFile::status(struct stat& status) {
    status = make_status(S_IFSOCK | 0777, 0, inode_of_others);
    return {};
}

Outcome<int> SocketFile::control(unsigned long request, void* argument) {
    if (request != FIONREAD) return fail_with(ENOTTY);
    if (lwip_ioctl(number_, static_cast<long>(FIONREAD), argument) < 0) return fail_with(errno);
    return 0;
}

}  // namespace tenon::posix
