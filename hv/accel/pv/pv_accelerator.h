// SPDX-License-Identifier: Apache-2.0
// The pv accelerator: guest code in ring 3 of a locked-down process, no VT-x.
#pragma once

#include <memory>

#include "hv/accel/accelerator.h"
#include "hv/accel/machine_setup.h"

namespace hv {

/// Starts the guest process, maps the guest in it and locks it down; guest code runs after Accelerator::start().
/// `setup` is copied, what it refers to (image, devices, loop) outlives the accelerator.
/// Errors: host_lacks (no user namespaces; no FSGSBASE, for an image that needs it), no_memory, bad_image (does not fit
/// into the memory).
Result<std::unique_ptr<Accelerator>> make_pv_accelerator(const MachineSetup& setup);

}  // namespace hv
