// SPDX-License-Identifier: Apache-2.0
// Requests to many control sockets at once: one that does not answer costs no more than the time limit, for all
// together.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hv::balance {

struct Question {
    std::string socket_path;
    const char* method;
    std::string path;
    std::string body;  ///< JSON, or empty
};

struct Answer {
    int status = 0;    ///< of HTTP; 0: none came, and `error` says why
    std::string body;  ///< at most `answer_limit` of machine_memory.h
    std::string error;
    bool absent = false;  ///< the socket has no listener
    pid_t peer = 0;       ///< who listens there, as the kernel knows it
    [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// The answers in the order of the questions, within `limit_ms` for each 256 of them.
[[nodiscard]] std::vector<Answer> ask(std::span<const Question> questions, int limit_ms);

}  // namespace hv::balance
