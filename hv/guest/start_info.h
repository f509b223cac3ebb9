// SPDX-License-Identifier: Apache-2.0
// The start record of a Tenon guest, without the fields that differ between accelerators.
#pragma once

#include <cstdint>
#include <string_view>

#include "hv/core/error.h"
#include "hv/guest/memory_layout.h"
#include "hv/image/image.h"
#include "hypercall/start_info.h"

namespace hv {

/// The facts of one machine that go into its start record. fill_start_info() keeps no reference to them.
struct StartParameters {
    tenon::abi::Accelerator accelerator;
    std::uint32_t vcpu_count;
    std::uint32_t device_count;
    const MemoryLayout& memory;
    const ImageLayout& image;
    std::string_view machine_name;  ///< cut off at the size of the record's field
    std::string_view command_line;
    std::uint64_t hv_start_tsc;
};

/// Fills all fields except those that the accelerator adds: hypercall_doorbell, timer_id, idle_spin_ns,
/// guest_entry_tsc. `start` is zero before. Errors: usage (command line too long), host_lacks (no entropy).
Result<> fill_start_info(tenon::abi::StartInfo& start, const StartParameters& parameters);

}  // namespace hv
