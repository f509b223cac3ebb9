// SPDX-License-Identifier: Apache-2.0
// The system calls that hv may make while a guest runs.
#pragma once

#include <sys/types.h>

#include <span>

#include "hv/core/error.h"

namespace hv {

struct CallConfinement {
    bool kvm = false;  ///< the set of the kvm accelerator instead of pv's
    pid_t guest = 0;   ///< process that hv may signal and read, besides itself; 0 = none
    /// Threads that hv may bind to CPUs, besides its own, and whose registers it may read. The guest's process has one
    /// of them by its own id.
    std::span<const pid_t> vcpus = {};
    int ring = -1;       ///< descriptor of the disks' io_uring; -1 = none
    int core_file = -1;  ///< descriptor of the core file, whose size hv may set; -1 = none
};

/// From now on any system call that the event loop and the devices do not need kills hv. Applies to all present and
/// future threads.
Result<> confine_calls(const CallConfinement& confinement);

}  // namespace hv
