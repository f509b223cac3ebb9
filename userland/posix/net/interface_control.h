// SPDX-License-Identifier: Apache-2.0
// Requests about interfaces (netdevice(7)), which any socket answers.
#pragma once

#include <cstdint>

#include "userland/posix/errno_result.h"

namespace tenon::posix {

/// SIOCGIF...; ENOTTY for any other request. Errors: ENODEV, EADDRNOTAVAIL, EPERM (requests that change an interface).
Outcome<int> control_interface(unsigned long request, void* argument);

/// An interface's index, as a program gives it, for lwIP, whose indices have eight bits. No interface has index 255: it
/// stands for those beyond.
[[nodiscard]] constexpr std::uint8_t interface_index(std::uint64_t index) {
    return static_cast<std::uint8_t>(index < UINT8_MAX ? index : UINT8_MAX);
}

}  // namespace tenon::posix
