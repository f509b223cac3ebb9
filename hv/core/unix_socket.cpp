// SPDX-License-Identifier: Apache-2.0
// Unix sockets by path.
#include "hv/core/unix_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "hv/core/socket_error.h"

namespace hv {

namespace {

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::usage,
                    fmt::format("control socket '{}': the path has {} bytes, a socket's has at most {} "
                                "(choose a shorter --run-dir or --name)",
                                path, path.size(), sizeof address.sun_path - 1));
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

std::unexpected<Error> cannot(const std::string& path) {
    return fail(socket_error_kind(errno), fmt::format("control socket '{}': {}", path, std::strerror(errno)));
}

}  // namespace

Result<FileDescriptor> listen_on_unix_socket(const std::string& path) {
    TRY(const sockaddr_un address, address_of(path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket.get(), 16) != 0)
        return cannot(path);
    return socket;
}

Result<FileDescriptor> connect_to_unix_socket(const std::string& path) {
    TRY(const sockaddr_un address, address_of(path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket || connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return cannot(path);
    return socket;
}

}  // namespace hv
