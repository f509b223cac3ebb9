// SPDX-License-Identifier: Apache-2.0
// What kind of error a failed system call is.
#pragma once

#include <cerrno>

#include "hv/core/error.h"

namespace hv {

/// Of the errno of a call about a file, a socket or a device; `otherwise` for what says nothing of the caller's
/// request.
[[nodiscard]] constexpr ErrorKind errno_kind(int error, ErrorKind otherwise = ErrorKind::internal) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:  // nobody listens
        case EADDRNOTAVAIL: return ErrorKind::not_found;
        case EACCES:
        case EPERM:
        case EROFS: return ErrorKind::no_permission;
        case ENOMEM:
        case ENOSPC:
        case EDQUOT:
        case EFBIG: return ErrorKind::no_memory;
        case EADDRINUSE: return ErrorKind::in_use;
        default: return otherwise;
    }
}

}  // namespace hv
