// SPDX-License-Identifier: Apache-2.0
// What kind of error a failed bind(), listen() or connect() is.
#pragma once

#include <cerrno>

#include "hv/core/error.h"

namespace hv {

/// Of an errno of bind(2), listen(2) or connect(2): not_found (nobody listens there, or the host has no such address),
/// in_use, no_permission, else internal.
[[nodiscard]] constexpr ErrorKind socket_error_kind(int error) {
    switch (error) {
        case ENOENT:
        case ECONNREFUSED:
        case EADDRNOTAVAIL: return ErrorKind::not_found;
        case EADDRINUSE: return ErrorKind::in_use;
        case EACCES: return ErrorKind::no_permission;
        default: return ErrorKind::internal;
    }
}

}  // namespace hv
