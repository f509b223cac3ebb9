// SPDX-License-Identifier: Apache-2.0
// One machine: image, accelerator, devices, control socket, and the loop that serves them.
#pragma once

#include <cstdint>

#include "hv/core/error.h"
#include "hv/machine/config.h"

namespace hv {

/// Runs a machine from its start to its end. Returns the exit code of hv: the guest's own, or one of ErrorKind.
/// Nothing is left behind, whatever the outcome. `hv_start_tsc` is the TSC when hv's main() began.
Result<int> run_machine(MachineConfig config, std::uint64_t hv_start_tsc);

}  // namespace hv
