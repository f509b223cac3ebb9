// SPDX-License-Identifier: Apache-2.0
// The PVH start record of a guest on `kvm` (hypercall/pvh.h): where it stands in the I/O zone, and what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "hv/guest/io_zone.h"
#include "hv/guest/memory_layout.h"

namespace hv::kvm {

/// `virtio_mmio.device=` for each of the devices, as Linux takes it, then the user's command line.
[[nodiscard]] std::string with_devices(const std::string& command_line, std::size_t device_count);

/// Guest-physical: in the last page of the zone that only hv writes.
[[nodiscard]] std::uint64_t pvh_record_address(const IoZone& zone);

/// Writes the record; its command line is the one of the zone's start record, which has a zero at its end.
void write_pvh_record(const IoZone& zone, const MemoryLayout& layout);

}  // namespace hv::kvm
