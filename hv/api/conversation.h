// SPDX-License-Identifier: Apache-2.0
// Requests to many control sockets side by side: a server that hangs holds up no other one.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"

namespace hv {

struct Question {
    std::string socket_path;
    const char* method;
    std::string path;
    std::string body;  ///< JSON, or empty
};

struct Answer {
    int status = 0;    ///< of HTTP; 0: no answer came, and `error` says why
    std::string body;  ///< at most the limit that ask() was given
    /// not_found (nobody listens), no_permission, killed (no answer in time), internal
    ErrorKind error_kind = ErrorKind::internal;
    std::string error;
    pid_t peer = 0;  ///< the process that listens there, as the kernel knows it; 0: unknown
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
    [[nodiscard]] bool absent() const { return status == 0 && error_kind == ErrorKind::not_found; }
};

/// Connections that are open at the same time.
inline constexpr std::size_t conversations_at_once = 256;
inline constexpr std::size_t longest_answer_body = 4 << 20;

/// The answers in the order of the questions. Each server has `limit_ms` from when it is asked. Whoever has answered
/// makes room for the next one, so up to 256 servers that hang cost `limit_ms` once, for all together.
[[nodiscard]] std::vector<Answer> ask(std::span<const Question> questions, int limit_ms,
                                      std::size_t body_limit = longest_answer_body);

}  // namespace hv
