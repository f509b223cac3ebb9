// SPDX-License-Identifier: Apache-2.0
// Making a guest, and confining hv on the way: which of the two comes first depends on the accelerator.
#pragma once

#include <memory>
#include <string>

#include "hv/accel/accelerator.h"
#include "hv/accel/choose.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv {

/// A guest that has not run yet, in an hv that opens files in the run directory only.
struct ConfinedGuest {
    ChosenAccelerator chosen;
    std::unique_ptr<Accelerator> accelerator;
    FileDescriptor ram_status;   ///< /proc/PID/status of the process that has the guest's RAM
    FileDescriptor hv_status;    ///< the same of hv; none on `kvm`, where hv has the guest's RAM
    FileDescriptor vcpu_status;  ///< the same of the thread that runs guest code; on `pv` that file again
};

/// `setup.state_directory` is where hv may go on opening files; in `removable` (if not empty) it may remove
/// directories. Errors: those of the accelerator, and of confine_files().
Result<ConfinedGuest> make_confined_guest(AcceleratorChoice wish, const MachineSetup& setup,
                                          const std::string& removable);

}  // namespace hv
