// SPDX-License-Identifier: Apache-2.0
// Requests about interfaces (netdevice(7)), which any socket answers.
#pragma once

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// SIOCGIF...; ENOTTY for any other request. Errors: ENODEV, EADDRNOTAVAIL, EPERM (requests that change an interface).
Outcome<int> control_interface(unsigned long request, void* argument);

}  // namespace tenon::posix
