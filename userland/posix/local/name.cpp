// SPDX-License-Identifier: Apache-2.0
// Names of local sockets.
#include "userland/posix/local/name.h"

#include <fcntl.h>

#include <algorithm>
#include <string_view>

#include "userland/posix/open.h"
#include "userland/posix/path.h"

namespace tenon::posix {

namespace {
constexpr socklen_t path_offset = offsetof(sockaddr_un, sun_path);
}

Outcome<LocalName> LocalName::read(const sockaddr* from, socklen_t size, bool may_be_none) {
    if (from == nullptr) return fail_with(EFAULT);
    const bool is_none = size == path_offset;
    if (size < path_offset || size > sizeof(sockaddr_un) || (is_none && !may_be_none)) return fail_with(EINVAL);
    if (from->sa_family != AF_UNIX) return fail_with(EINVAL);
    LocalName name;
    std::memcpy(&name.address, from, size);
    name.size = size;
    if (is_none || name.address.sun_path[0] == '\0') return name;
    // A path without a zero at its end may fill all of the field.
    const std::string_view path(name.address.sun_path, strnlen(name.address.sun_path, size - path_offset));
    if (path.size() == sizeof(name.address.sun_path)) return fail_with(ENAMETOOLONG);
    name.size = static_cast<socklen_t>(path_offset + path.size() + 1);
    return name;
}

LocalName LocalName::chosen(unsigned number) {
    constexpr std::string_view digits = "0123456789abcdef";
    LocalName name;
    for (std::size_t i = 5; i != 0; --i, number /= 16) name.address.sun_path[i] = digits[number % 16];
    name.size = path_offset + 6;
    return name;
}

void LocalName::store(sockaddr* to, socklen_t& room) const {
    std::memcpy(to, &address, std::min(room, size));
    room = size;
}

Outcome<InodeReference> make_socket_file(const LocalName& name) {
    TRY(InodeReference base, base_of(AT_FDCWD, name.path()));
    PathWalk walk;
    CHECK(walk.to_parent(std::move(base), name.path()));
    if (walk.last() != LastName::ordinary) return fail_with(EADDRINUSE);
    if (walk.has_trailing_slash()) return fail_with(ENOENT);
    auto made = walk.directory().create(walk.name(), S_IFSOCK | (0777 & ~creation_mask()), {});
    if (!made && made.error().code == EEXIST) return fail_with(EADDRINUSE);
    return made;
}

Outcome<InodeReference> find_socket_file(const LocalName& name) {
    TRY(InodeReference inode, find_inode(AT_FDCWD, name.path()));
    if (inode->type() != S_IFSOCK) return fail_with(ECONNREFUSED);
    return inode;
}

}  // namespace tenon::posix
