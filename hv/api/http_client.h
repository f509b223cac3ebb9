// SPDX-License-Identifier: Apache-2.0
// A client of a machine's control socket.
#pragma once

#include <string>

#include "hv/core/error.h"

namespace hv {

/// The body of a successful GET. Waits a few seconds at most.
/// Errors: not_found (nobody listens), no_permission, internal (no answer, or one that is not a success).
Result<std::string> http_get(const std::string& socket_path, const std::string& path);

}  // namespace hv
