// SPDX-License-Identifier: Apache-2.0
// A client of a machine's control socket.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "hv/core/error.h"

namespace hv {

/// How long a machine that is well may take to answer.
inline constexpr int http_time_limit_ms = 5000;

/// The body of a successful answer (empty with 204). `body` is JSON, or empty. Waits `limit_ms` at most.
/// Errors: not_found (nobody listens), no_permission, usage (refused with a 4xx; the message is the machine's),
/// killed (no answer in time), internal (another status).
Result<std::string> http_request(const std::string& socket_path, const char* method, const std::string& path,
                                 const std::string& body, int limit_ms = http_time_limit_ms);
Result<std::string> http_get(const std::string& socket_path, const std::string& path,
                             int limit_ms = http_time_limit_ms);

/// The same of many servers side by side (conversation.h): one that hangs holds up no other one.
std::vector<Result<std::string>> http_get_all(std::span<const std::string> socket_paths, const std::string& path,
                                              int limit_ms);

}  // namespace hv
