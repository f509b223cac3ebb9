// SPDX-License-Identifier: Apache-2.0
// A client of a machine's control socket.
#pragma once

#include <string>

#include "hv/core/error.h"

namespace hv {

/// The body of a successful answer (empty with 204). `body` is JSON, or empty. Waits a few seconds at most.
/// Errors: not_found (nobody listens), no_permission, usage (refused with a 4xx; the message is the machine's), internal
/// (no answer, or another status).
Result<std::string> http_request(const std::string& socket_path, const std::string& method, const std::string& path,
                                 const std::string& body);
Result<std::string> http_get(const std::string& socket_path, const std::string& path);

}  // namespace hv
