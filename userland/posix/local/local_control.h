// SPDX-License-Identifier: Apache-2.0
// Control messages of local sockets: files and credentials (unix(7)).
#pragma once

#include "userland/posix/local/message.h"

namespace tenon::posix {

/// The files of a message that is sent. Errors: EINVAL, EBADF, ENOMEM.
[[nodiscard]] Outcome<PassedFiles> read_passed_files(const msghdr& header);

/// Stores control messages where the program wants them. What does not fit is left out, with MSG_CTRUNC.
class ControlWriter {
public:
    explicit ControlWriter(const msghdr& header)
        : room_(static_cast<std::byte*>(header.msg_control),
                header.msg_control != nullptr ? header.msg_controllen : 0) {}
    void put_credentials();
    /// Opens the files; those without room are closed.
    void put_files(PassedFiles& files, bool close_on_exec);
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] int flags() const { return flags_; }

private:
    void put_header(int type, std::size_t size);
    std::span<std::byte> room_;
    std::size_t size_ = 0;
    int flags_ = 0;
};

}  // namespace tenon::posix
