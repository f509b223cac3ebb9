// SPDX-License-Identifier: Apache-2.0
// One machine: image, accelerator, devices, control socket, and the loop that serves them.
#pragma once

#include <cstdint>

#include "hv/core/error.h"
#include "hv/machine/config.h"
#include "hv/machine/notice.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// What a machine's hv has from whoever started it (hv/supervise).
struct Supervised {
    const RunDirectory* directory = nullptr;  ///< null: there is no supervisor
    NoticeListener listener = {};
    bool preserve_crashed = false;  ///< a guest that crashed stays as it is, for a debugger, until it is killed
};

/// Runs a machine from its start to its end. Returns the exit code of hv: the guest's own, or one of ErrorKind.
/// Nothing is left behind, whatever the outcome. `hv_start_tsc` is the TSC when hv's main() began.
Result<int> run_machine(MachineConfig config, std::uint64_t hv_start_tsc, Supervised supervised = {});

}  // namespace hv
