// SPDX-License-Identifier: Apache-2.0
// hv gives up what it does not need any more, before a guest runs.
#pragma once

#include <sys/types.h>

#include <string>

#include "hv/core/error.h"

namespace hv {

/// From now on files can be opened only below `directory`, and in `removable` (if not empty) empty directories can be
/// removed. To be called before the guest process is made: Landlock lets
/// a process look into another one only if that one is confined at least as much. Without Landlock: nothing happens.
Result<> confine_files(const std::string& directory, const std::string& removable = {});

struct CallConfinement {
    bool kvm = false;  ///< KVM's ioctls, and threads for vCPUs
    pid_t guest = 0;   ///< the only process that may be signalled and read, besides hv itself; 0 = none
    pid_t helper = 0;  ///< a helper that may be killed; 0 = none
    int ring = -1;     ///< the disks' io_uring; -1 = none
};

/// From now on a system call that the event loop and the devices have no use for ends hv. All threads, those of now and
/// those to come.
Result<> confine_calls(const CallConfinement& confinement);

}  // namespace hv
