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
    if (event == NETCONN_EVT_RCVMINUS || event == NETCONN_EVT_SENDMINUS || number < 0 || number >= MEMP_NUM_NETCONN) return;
    if (SocketFile* file = files[number].load(std::memory_order_acquire); file != nullptr) file->readiness_changed();
}

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

Outcome<FileReference> SocketFile::wrap(int number, int flags) {
    auto* file = new (std::nothrow) SocketFile(number);
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
    TRY(const std::size_t number, outcome_of(lwip_socket(domain, type, protocol)));
    return wrap(static_cast<int>(number), flags);
}

Outcome<FileReference> SocketFile::accept(sockaddr* address, socklen_t* size, int flags) {
    // lwIP wants room for a whole address, a program may give less.
    sockaddr_storage whole;
    socklen_t whole_size = sizeof(whole);
    const bool wanted = address != nullptr && size != nullptr;
    auto* target = reinterpret_cast<sockaddr*>(&whole);
    TRY(const std::size_t number,
        outcome_of(lwip_accept(number_, wanted ? target : nullptr, wanted ? &whole_size : nullptr)));
    auto made = wrap(static_cast<int>(number), flags);
    if (!made) return made;
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
    if (socket.lastdata.pbuf != nullptr || socket.rcvevent > 0) ready |= POLLIN;
    if (socket.sendevent != 0) ready |= POLLOUT;
    // As Linux has it: a connection that failed can be read and written without blocking, to learn the error.
    if (socket.errevent != 0) ready |= POLLERR | POLLIN | POLLOUT;
    SYS_ARCH_UNPROTECT(level);
    return static_cast<short>(ready);
}

Outcome<std::size_t> SocketFile::read(std::span<std::byte> buffer) {
    return outcome_of(lwip_recv(number_, buffer.data(), buffer.size(), 0));
}

Outcome<std::size_t> SocketFile::write(std::span<const std::byte> data) { return send(data, 0); }

Outcome<std::size_t> SocketFile::read_parts(std::span<const iovec> parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return outcome_of(lwip_recvmsg(number_, &message, 0));
}

Outcome<std::size_t> SocketFile::write_parts(std::span<const iovec> parts) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return send(message, 0);
}

namespace {

/// lwIP forgets that a connection was there once it is gone; POSIX does not.
Outcome<std::size_t> sent(Outcome<std::size_t> result, bool was_connected) {
    if (!result && was_connected && result.error().code == ENOTCONN) return fail_with(EPIPE);
    return result;
}

}  // namespace

Outcome<std::size_t> SocketFile::send(std::span<const std::byte> data, int flags) {
    return sent(outcome_of(lwip_send(number_, data.data(), data.size(), flags)), connected_.load(std::memory_order_relaxed));
}

Outcome<std::size_t> SocketFile::send(const msghdr& message, int flags) {
    return sent(outcome_of(lwip_sendmsg(number_, &message, flags)), connected_.load(std::memory_order_relaxed));
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
    status = make_status(S_IFSOCK | 0777, 0, inode_of_device);
    return {};
}

Outcome<int> SocketFile::control(unsigned long request, void* argument) {
    if (request != FIONREAD) return fail_with(ENOTTY);
    if (lwip_ioctl(number_, static_cast<long>(FIONREAD), argument) < 0) return fail_with(errno);
    return 0;
}

}  // namespace tenon::posix
