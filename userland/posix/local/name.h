// SPDX-License-Identifier: Apache-2.0
// Names of local sockets: paths, abstract names, or none.
#pragma once

#include <stddef.h>
#include <sys/un.h>

#include <cstring>

#include "kernel/fs/inode.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

struct LocalName {
    static constexpr socklen_t none_size = sizeof(sa_family_t);
    sockaddr_un address = {AF_UNIX, {}};
    socklen_t size = none_size;

    [[nodiscard]] bool is_none() const { return size == none_size; }
    [[nodiscard]] bool is_abstract() const { return !is_none() && address.sun_path[0] == '\0'; }
    [[nodiscard]] const char* path() const { return address.sun_path; }
    friend bool operator==(const LocalName& one, const LocalName& other) {
        return one.size == other.size && std::memcmp(&one.address, &other.address, one.size) == 0;
    }

    /// Of a program's address; `may_be_none`: for bind(), whose system then chooses an abstract name. Errors: EFAULT,
    /// EINVAL.
    static Outcome<LocalName> read(const sockaddr* from, socklen_t size, bool may_be_none = false);
    /// An abstract name for a socket that was bound to none, as Linux's.
    static LocalName chosen(unsigned number);
    /// Stores as much as there is room for; `size` becomes the whole size.
    void store(sockaddr* to, socklen_t& size) const;
};

/// Makes the socket's file at a path. Errors: EADDRINUSE, and those of a path.
Outcome<InodeReference> make_socket_file(const LocalName& name);
/// The socket's file at a path. Errors: ECONNREFUSED (another kind of file), and those of a path.
Outcome<InodeReference> find_socket_file(const LocalName& name);

}  // namespace tenon::posix
