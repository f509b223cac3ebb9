// SPDX-License-Identifier: Apache-2.0
// hv gives up all rights that it does not need while a guest runs.
#pragma once

#include <sys/types.h>

#include <string>

#include "hv/core/error.h"

namespace hv {

/// From now on this process opens files only below `directory`, and removes directories only in `removable` (empty =
/// nowhere). To be called before the guest process is created: Landlock lets a process access another one's memory only
/// if that one is confined at least as much. Does nothing where the kernel has no Landlock.
Result<> confine_files(const std::string& directory, const std::string& removable = {});

struct CallConfinement {
    bool kvm = false;  ///< allow KVM's ioctls, and threads for vCPUs
    pid_t guest = 0;   ///< process that hv may signal and read, besides itself; 0 = none
    pid_t helper = 0;  ///< helper process that hv may kill; 0 = none
    int ring = -1;     ///< descriptor of the disks' io_uring; -1 = none
};

/// From now on any system call that the event loop and the devices do not need kills hv. Applies to all present and
/// future threads.
Result<> confine_calls(const CallConfinement& confinement);

}  // namespace hv
