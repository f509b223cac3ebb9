// SPDX-License-Identifier: Apache-2.0
// What the socket calls ask of a socket, of whatever family.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <span>

#include "userland/posix/descriptors.h"
#include "userland/posix/file.h"

namespace tenon::posix {

/// The value of an option as getsockopt() gives it.
struct OptionValue {
    alignas(8) std::byte bytes[256];
    socklen_t size = 0;

    void set(int value) {
        __builtin_memcpy(bytes, &value, sizeof(value));
        size = sizeof(value);
    }
    template <typename T>
    void set_object(const T& value) {
        static_assert(sizeof(T) <= sizeof(bytes));
        __builtin_memcpy(bytes, &value, sizeof(value));
        size = sizeof(value);
    }
};

/// Addresses are the program's: a pointer may be null, and a size wrong. Errors are those of the calls.
class SocketFile : public File {
public:
    /// The socket of `fd`. Errors: EBADF, ENOTSOCK.
    static Outcome<FileReference> of(int fd);
    static SocketFile& cast(const FileReference& file) { return static_cast<SocketFile&>(*file); }

    virtual Outcome<> bind_address(const sockaddr* address, socklen_t size) = 0;
    virtual Outcome<> connect_address(const sockaddr* address, socklen_t size) = 0;
    virtual Outcome<> listen(int backlog) = 0;
    /// `flags`: O_NONBLOCK or 0. The peer's address is stored if there is room for it.
    virtual Outcome<FileReference> accept_connection(int flags, sockaddr* address, socklen_t* size) = 0;
    virtual Outcome<> give_name(bool peer, sockaddr* address, socklen_t* size) = 0;
    virtual Outcome<> shutdown(int how) = 0;
    virtual Outcome<std::size_t> send_message(const msghdr& message, int flags) = 0;
    virtual Outcome<std::size_t> receive_message(msghdr& message, int flags) = 0;
    virtual Outcome<> set_option(int level, int option, std::span<const std::byte> value) = 0;

    [[nodiscard]] bool is_local() const { return is_local_; }

protected:
    SocketFile(int flags, bool is_local) : File(Kind::socket, flags), is_local_(is_local) {}

private:
    bool is_local_;
};

// getsockopt() by family: not virtual, so that a program which does not call it does not contain it.
[[gnu::weak, gnu::noplt]] Outcome<> get_local_option(SocketFile& socket, int level, int option, OptionValue& value);
Outcome<> get_internet_option(SocketFile& socket, int level, int option, OptionValue& value);

/// A new socket of IP; `flags`: O_NONBLOCK or 0. An image without the feature `net` has one that fails: images/link.sh.
Outcome<FileReference> make_internet_socket(int family, int type, int protocol, int flags);

/// A new socket of AF_UNIX. An image whose program does not include sys/un.h, or call socketpair(), does not contain
/// it.
[[gnu::weak, gnu::noplt]] Outcome<FileReference> make_local_socket(int type, int protocol, int flags);

}  // namespace tenon::posix
