// SPDX-License-Identifier: Apache-2.0
// From a guest's end to the exit code of hv.
#pragma once

#include <string>

#include "hv/guest/guest_end.h"

namespace hv {

/// Logs what is worth a line about `machine`: an exit code that is not passed on, a kill, a reboot that nobody does
/// (unless `restarts`). docs/running.md lists the codes.
[[nodiscard]] int exit_code_of(const GuestEnd& end, const std::string& machine, bool restarts);

}  // namespace hv
