// SPDX-License-Identifier: Apache-2.0
// A message to receive into, with room for data, a name and control messages.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <string>

#include "report.h"

namespace conformance {

inline std::string flags_text(int flags) {
    return names_of(flags, {{MSG_TRUNC, "TRUNC"},
                            {MSG_CTRUNC, "CTRUNC"},
                            {MSG_OOB, "OOB"},
                            {MSG_EOR, "EOR"},
                            {MSG_PEEK, "PEEK"},
                            {MSG_ERRQUEUE, "ERRQUEUE"},
                            {MSG_WAITALL, "WAITALL"},
                            {MSG_DONTWAIT, "DONTWAIT"}});
}

struct Message {
    char bytes[64] = {};
    alignas(cmsghdr) char control[256] = {};
    sockaddr_storage name{};
    iovec part{bytes, sizeof(bytes)};
    msghdr header{};
    Message() {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control;
        header.msg_controllen = sizeof(control);
        header.msg_name = &name;
        header.msg_namelen = sizeof(name);
    }
    /// The result, and what the header says.
    std::string receive(int fd, int flags) {
        errno = 0;
        const ssize_t size = recvmsg(fd, &header, flags);
        return outcome(size) +
               (size < 0 ? ""
                         : " flags " + flags_text(header.msg_flags) + " name " + std::to_string(header.msg_namelen) +
                               " control " + std::to_string(header.msg_controllen));
    }
};

}  // namespace conformance
