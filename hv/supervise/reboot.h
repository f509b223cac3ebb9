// SPDX-License-Identifier: Apache-2.0
// Having machines started anew.
#pragma once

#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/machine/run_base.h"

namespace hv {

/// Asks each of the machines to reboot, waits `limit_ms` for all of them together, asks the agents of those that are
/// left, waits again, and restarts the rest by force. Returns when all are started anew: their programs run, ready or
/// not. Errors: that of the last machine for which there is one, the others are told; not_found, usage (it has no
/// supervisor, or is being stopped), killed (it ended instead, or does not start).
Result<> reboot_machines(const RunBase& base, const std::vector<std::string>& names, int limit_ms);

}  // namespace hv
