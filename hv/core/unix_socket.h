// SPDX-License-Identifier: Apache-2.0
// Unix sockets by path.
#pragma once

#include <string>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// Creates a listening, non-blocking stream socket at `path`, which must not exist.
/// Errors: usage (the path is too long), no_permission, internal.
Result<FileDescriptor> listen_on_unix_socket(const std::string& path);

/// Connects a blocking stream socket to `path`. Errors: not_found (no listener), no_permission, internal.
Result<FileDescriptor> connect_to_unix_socket(const std::string& path);

}  // namespace hv
