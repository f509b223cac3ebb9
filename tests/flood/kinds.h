// SPDX-License-Identifier: Apache-2.0
// What a flood may consist of.
#pragma once

#include <span>

#include "frame.h"

namespace flood {

/// The guest has the addresses 10.0.0.2/16 (where hosts on its link send) and fd00::2/64, the real neighbour, which is
/// its gateway, 10.0.0.1 and fd00::1.
struct Kind {
    std::string_view name;
    /// The flood's `number`th frame, for a guest with this MAC address.
    Bytes (*frame)(std::uint32_t number, const Mac& guest);
};
std::span<const Kind> kinds();

}  // namespace flood
