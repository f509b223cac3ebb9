// SPDX-License-Identifier: Apache-2.0
// The start record of a Tenon guest, as far as it is the same on every accelerator.
#pragma once

#include "hv/accel/accelerator.h"
#include "hv/machine/memory_layout.h"
#include "hypercall/start_info.h"

namespace hv {

/// Fills all but what the accelerator adds: doorbell, timer, idle_spin_ns, guest_entry_tsc. `start` is zero before.
/// Errors: usage (command line or name too long).
Result<> fill_start_info(tenon::abi::StartInfo& start, const MachineSetup& setup, const MemoryLayout& memory,
                         tenon::abi::Accelerator accelerator);

}  // namespace hv
