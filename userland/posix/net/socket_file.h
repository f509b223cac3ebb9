// SPDX-License-Identifier: Apache-2.0
// A socket as a file: one of lwIP's sockets behind a descriptor.
#pragma once

#include <sys/socket.h>

#include <atomic>

#include "userland/posix/descriptors.h"
#include "userland/posix/file.h"

namespace tenon::posix {

/// Blocking, timeouts and buffers are lwIP's; here are the descriptor, readiness for poll(), and POSIX's manners.
/// A call that is in lwIP when another thread closes the descriptor is woken by lwIP, with an error.
class SocketFile final : public File {
public:
    /// A new socket, with flags O_NONBLOCK or 0. Errors: lwIP's, ENOMEM.
    static Outcome<FileReference> open(int domain, int type, int protocol, int flags);
    /// Waits for a connection, unless the socket is nonblocking.
    Outcome<FileReference> accept(sockaddr* address, socklen_t* size, int flags);
    /// The socket of `fd`. Errors: EBADF, ENOTSOCK.
    static Outcome<FileReference> of(int fd);
    static SocketFile& cast(const FileReference& file) { return static_cast<SocketFile&>(*file); }

    Outcome<std::size_t> read(std::span<std::byte> buffer) override;
    Outcome<std::size_t> write(std::span<const std::byte> data) override;
    Outcome<std::size_t> read_parts(std::span<const iovec> parts) override;
    Outcome<std::size_t> write_parts(std::span<const iovec> parts) override;
    Outcome<> status(struct stat& status) override;
    Outcome<int> control(unsigned long request, void* argument) override;
    short readiness() override;
    void set_flags(int flags) override;
    void closed() override;
    void destroy() override;

    Outcome<std::size_t> send(const msghdr& message, int flags);
    Outcome<std::size_t> send(std::span<const std::byte> data, int flags);
    Outcome<std::size_t> receive(void* buffer, std::size_t size, int flags, sockaddr* address, socklen_t* address_size);
    Outcome<std::size_t> receive(msghdr& message, int flags);
    Outcome<> bind(const sockaddr* address, socklen_t size);
    Outcome<> connect(const sockaddr* address, socklen_t size);

    /// lwIP's number for it.
    [[nodiscard]] int number() const { return number_; }

private:
    SocketFile(int number, bool stream) : File(Kind::socket, O_RDWR), number_(number), stream_(stream) {}
    static Outcome<FileReference> wrap(int number, bool stream, int flags);
    [[nodiscard]] Outcome<std::size_t> sent(ssize_t result) const;
    [[nodiscard]] Outcome<std::size_t> received(ssize_t result, bool may_be_the_end);

    int number_;
    bool stream_;
    std::atomic<bool> closed_ = false;
    std::atomic<bool> connected_ = false;  // was once, which lwIP forgets when it no longer is
    std::atomic<bool> ended_ = false;      // the end of the stream was read: it stays readable
};

/// What a function of lwIP's says, -1 and errno, as an Outcome.
template <typename T>
Outcome<std::size_t> outcome_of(T result) {
    if (result < 0) return fail_with(errno);
    return static_cast<std::size_t>(result);
}

/// A copy of `address` that is aligned and of its family's exact size, as lwIP wants it.
struct SocketAddress {
    union {
        sockaddr any;
        sockaddr_storage storage;
    };
    socklen_t size;
    /// Errors: EINVAL (too short), EAFNOSUPPORT, EFAULT.
    static Outcome<SocketAddress> copy(const sockaddr* address, socklen_t size);
};

}  // namespace tenon::posix
