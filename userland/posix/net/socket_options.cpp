// SPDX-License-Identifier: Apache-2.0
// Options of sockets: lwIP's, and those that programs set out of habit.
#include <sys/socket.h>

#include <cstring>

#include "lwip/sockets.h"
#include "userland/posix/net/socket_file.h"

namespace tenon::posix {
namespace {

/// Buffers grow and shrink by themselves: a wish about their size is heard and not needed.
bool is_send_buffer(int level, int option) { return level == SOL_SOCKET && option == SO_SNDBUF; }

Outcome<> set_option(int fd, int level, int option, const void* value, socklen_t size) {
    TRY(FileReference file, SocketFile::of(fd));
    if (value == nullptr) return fail_with(EFAULT);
    if (is_send_buffer(level, option)) return {};
    if (lwip_setsockopt(SocketFile::cast(file).number(), level, option, value, size) != 0) return fail_with(errno);
    return {};
}

Outcome<> get_option(int fd, int level, int option, void* value, socklen_t* size) {
    TRY(FileReference file, SocketFile::of(fd));
    if (value == nullptr || size == nullptr) return fail_with(EFAULT);
    if (is_send_buffer(level, option)) {
        if (*size < sizeof(int)) return fail_with(EINVAL);
        constexpr int buffer = TCP_SND_BUF;
        std::memcpy(value, &buffer, sizeof(buffer));
        *size = sizeof(buffer);
        return {};
    }
    if (lwip_getsockopt(SocketFile::cast(file).number(), level, option, value, size) != 0) return fail_with(errno);
    return {};
}

}  // namespace

extern "C" {

int setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
    return answer(set_option(fd, level, option, value, size));
}
int getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
    return answer(get_option(fd, level, option, value, size));
}

}  // extern "C"

}  // namespace tenon::posix
