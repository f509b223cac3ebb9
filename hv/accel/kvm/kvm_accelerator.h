// SPDX-License-Identifier: Apache-2.0
// The kvm accelerator: guest code in guest mode of the processor, through /dev/kvm.
#pragma once

#include <memory>

#include "hv/accel/accelerator.h"
#include "hv/accel/machine_setup.h"

namespace hv {

/// Creates the VM, its memory and its vCPU; guest code runs after Accelerator::start(), on a thread of its own.
/// `setup` is copied, what it refers to (image, devices, loop) outlives the accelerator.
/// Errors: host_lacks (no /dev/kvm, or one without what is needed, by name), no_permission (this user may not open it),
/// no_memory, bad_image (no PVH entry, or it does not fit into the memory).
Result<std::unique_ptr<Accelerator>> make_kvm_accelerator(const MachineSetup& setup);

}  // namespace hv
