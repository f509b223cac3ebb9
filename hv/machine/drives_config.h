// SPDX-License-Identifier: Apache-2.0
// The drives of Firecracker's configuration format.
#pragma once

#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/core/json_section.h"
#include "hv/machine/config.h"

namespace hv {

/// The key of a drive's rate limiter.
inline constexpr char drive_limiter_key[] = "rate_limiter";

/// Puts what "drives" says into `config`. Sockets are refused by name, and so is what is no drive.
/// Every error is of kind `usage`. Lines for the user go to `warnings`.
Result<> read_drives(const Json& value, MachineConfig& config, std::vector<std::string>& warnings);

/// The drives in that format.
[[nodiscard]] Json drives_json(const MachineConfig& config);

}  // namespace hv
