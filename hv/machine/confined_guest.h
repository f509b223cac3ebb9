// SPDX-License-Identifier: Apache-2.0
// Making a guest, and confining hv on the way: files, signals, sockets and capabilities. System calls follow when the
// guest starts (core/confine.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hv/accel/accelerator.h"
#include "hv/accel/choose.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/landlock.h"

namespace hv {

/// Directories of a machine's hv.
struct MachinePlaces {
    std::string directory;                    ///< the machine's own
    std::string base;                         ///< of all machines of this user
    bool removes_directory;                   ///< at its end; otherwise its supervisor does
    std::vector<std::string> cgroup_parents;  ///< in which it removes its cgroups
};

/// All that a confined hv may open. Everything else is open before: the image, disks, logs, its children's state.
[[nodiscard]] std::vector<FileRule> file_rules_of(const MachinePlaces& places, AcceleratorChoice accelerator);

/// A guest that has not run yet, in an hv that is confined.
struct ConfinedGuest {
    ChosenAccelerator chosen;
    int landlock = 0;  ///< version of Landlock that confines hv; 0 = none
    std::unique_ptr<Accelerator> accelerator;
    FileDescriptor ram_status;  ///< /proc/PID/status of the process that has the guest's RAM
    FileDescriptor hv_status;   ///< the same of hv; none on `kvm`, where hv has the guest's RAM
    /// Of the thread that runs a vCPU's code.
    struct VcpuFiles {
        FileDescriptor status;      ///< /proc/PID/status
        FileDescriptor statistics;  ///< schedule_statistics_path(); none where the kernel keeps none
    };
    std::vector<VcpuFiles> vcpus;  ///< index: vCPU
};

/// Errors: those of the accelerator and of the confinement.
Result<ConfinedGuest> make_confined_guest(AcceleratorChoice wish, const MachineSetup& setup,
                                          const MachinePlaces& places);

}  // namespace hv
