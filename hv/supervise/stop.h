// SPDX-License-Identifier: Apache-2.0
// Ending machines from outside, kindly or not.
#pragma once

#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/machine/run_base.h"

namespace hv {

/// Asks each of the machines to shut down, waits `limit_ms` for all of them together, asks the agents of those that are
/// left, waits again, and kills the rest. A detached machine is not started again.
/// Errors: that of the last machine for which there is one, after all are stopped, the others are told; not_found.
Result<> stop_machines(const RunBase& base, const std::vector<std::string>& names, int limit_ms);

/// Ends a machine at once and waits until it is gone; even one whose hv does not answer.
/// Errors: not_found, no_permission, killed (it does not go).
Result<> kill_machine(const RunBase& base, const std::string& name);

}  // namespace hv
