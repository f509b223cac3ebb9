// SPDX-License-Identifier: Apache-2.0
// Which accelerator a machine gets, and why.
#pragma once

#include <memory>
#include <string>

#include "hv/accel/accelerator.h"
#include "hv/accel/machine_setup.h"
#include "hv/core/error.h"

namespace hv {

enum class AcceleratorChoice { automatic, pv, kvm };

struct ChosenAccelerator {
    AcceleratorChoice kind;  ///< never `automatic`
    std::string reason;      ///< one line for the boot report
};

/// `automatic` chooses kvm only if it is usable and fast, and the machine has one vCPU: kvm runs no more. The result of
/// the speed probe is valid until the host's next boot; it is cached in `cache_directory`. Errors: host_lacks (kvm is
/// asked for, and the host emulates it).
Result<ChosenAccelerator> choose_accelerator(AcceleratorChoice wish, std::uint32_t vcpus,
                                             const std::string& cache_directory);

/// Errors: those of the accelerator's own factory.
Result<std::unique_ptr<Accelerator>> make_accelerator(AcceleratorChoice kind, const MachineSetup& setup);

}  // namespace hv
