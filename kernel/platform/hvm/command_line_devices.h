// SPDX-License-Identifier: Apache-2.0
// Devices that the command line names.
#pragma once

#include <cstdint>

namespace tenon::hvm {

/// Hands the devices of `virtio_mmio.device=` to their drivers; returns how many were named there.
std::uint32_t probe_command_line_devices();

}  // namespace tenon::hvm
