// SPDX-License-Identifier: Apache-2.0
// getsockopt and setsockopt.
#include <net/if.h>

#include <algorithm>
#include <cstring>

#include "userland/posix/net/socket_file.h"

namespace tenon::posix {
namespace {

Outcome<> set_option_of(int fd, int level, int option, const void* value, socklen_t size) {
    TRY(FileReference file, SocketFile::of(fd));
    if (static_cast<int>(size) < 0) return fail_with(EINVAL);
    if (value == nullptr && size != 0) return fail_with(EFAULT);
    return SocketFile::cast(file).set_option(level, option, {static_cast<const std::byte*>(value), size});
}

Outcome<> get_option_of(int fd, int level, int option, void* value, socklen_t* size) {
    TRY(FileReference file, SocketFile::of(fd));
    if (size == nullptr || value == nullptr) return fail_with(EFAULT);
    if (static_cast<int>(*size) < 0) return fail_with(EINVAL);
    OptionValue found;
    SocketFile& socket = SocketFile::cast(file);
    CHECK(socket.is_local() ? get_local_option(socket, level, option, found)
                            : get_internet_option(socket, level, option, found));
    // Linux: a name is not cut.
    if (level == SOL_SOCKET && option == SO_BINDTODEVICE && found.size != 0 && *size < IFNAMSIZ)
        return fail_with(EINVAL);
    // A buffer that is too small is no error: the value is cut.
    *size = std::min(*size, found.size);
    std::memcpy(value, found.bytes, *size);
    return {};
}

}  // namespace

extern "C" {

int setsockopt(int fd, int level, int option, const void* value, socklen_t size) {
    return answer(set_option_of(fd, level, option, value, size));
}
int getsockopt(int fd, int level, int option, void* value, socklen_t* size) {
    return answer(get_option_of(fd, level, option, value, size));
}

}  // extern "C"

}  // namespace tenon::posix
