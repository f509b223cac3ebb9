// SPDX-License-Identifier: Apache-2.0
// What makes local sockets: socket() and socketpair().
#include "userland/posix/local/local_socket.h"

/// What a program that includes sys/un.h refers to.
extern "C" const char tenon_local_sockets = 0;

namespace tenon::posix {

namespace {

constexpr int type_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

Outcome<> open_pair(int family, int type, int protocol, int* descriptors) {
    if (descriptors == nullptr) return fail_with(EFAULT);
    if (family != AF_UNIX) return fail_with(family == AF_INET || family == AF_INET6 ? EOPNOTSUPP : EAFNOSUPPORT);
    const int flags = (type & SOCK_NONBLOCK) != 0 ? O_NONBLOCK : 0;
    const bool close_on_exec = (type & SOCK_CLOEXEC) != 0;
    TRY(FileReference one, LocalSocket::make(type & ~type_flags, protocol, flags));
    TRY(FileReference other, LocalSocket::make(type & ~type_flags, protocol, flags));
    LocalSocket::join(static_cast<LocalSocket&>(*one), static_cast<LocalSocket&>(*other));
    // Without a descriptor an end is closed by hand: each holds the other.
    const FileReference kept[2] = {FileReference::share(*one), FileReference::share(*other)};
    const auto first = open_descriptor(std::move(one), close_on_exec);
    const auto second = first ? open_descriptor(std::move(other), close_on_exec) : first;
    if (!second) {
        if (first) (void)close_descriptor(*first);
        for (const FileReference& end : kept) end->closed();
        return std::unexpected(second.error());
    }
    descriptors[0] = *first;
    descriptors[1] = *second;
    return {};
}

}  // namespace

Outcome<FileReference> make_local_socket(int type, int protocol, int flags) {
    return LocalSocket::make(type, protocol, flags);
}

extern "C" int socketpair(int family, int type, int protocol, int descriptors[2]) {
    return answer(open_pair(family, type, protocol, descriptors));
}

}  // namespace tenon::posix
