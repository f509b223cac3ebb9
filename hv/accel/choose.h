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

/// `automatic` takes kvm only if it is usable and fast. The answer of the speed probe holds until the next boot of the
/// host; it is kept in `cache_directory`.
[[nodiscard]] ChosenAccelerator choose_accelerator(AcceleratorChoice wish, const std::string& cache_directory);

/// Errors are those of the accelerator.
Result<std::unique_ptr<Accelerator>> make_accelerator(AcceleratorChoice kind, const MachineSetup& setup);

}  // namespace hv
