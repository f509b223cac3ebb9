// SPDX-License-Identifier: Apache-2.0
// Unix sockets by path.
#include "hv/core/unix_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "hv/core/errno_kind.h"

namespace hv {

namespace {

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(ErrorKind::usage,
                    fmt::format("socket '{}': the path has {} bytes, a socket's has at most {} (choose a shorter one: "
                                "--run-dir, --name)",
                                path, path.size(), sizeof address.sun_path - 1));
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    return address;
}

std::unexpected<Error> cannot(const std::string& path) {
    return fail(errno_kind(errno), fmt::format("socket '{}': {}", path, std::strerror(errno)));
}

}  // namespace

Result<FileDescriptor> listen_on_unix_socket(const std::string& path) {
    TRY(const sockaddr_un address, address_of(path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket.get(), SOMAXCONN) != 0)
        return cannot(path);
    return socket;
}

Result<FileDescriptor> connect_to_unix_socket(const std::string& path) {
    TRY(const sockaddr_un address, address_of(path));
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return cannot(path);
    if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        if (errno != EAGAIN) return cannot(path);
        return fail(ErrorKind::killed, fmt::format("socket '{}': its process takes no connections", path));
    }
    fcntl(socket.get(), F_SETFL, 0);
    return socket;
}

}  // namespace hv
