// SPDX-License-Identifier: Apache-2.0
// Names of virtio's devices and feature bits (virtio 1.2, sections 5 and 6).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "result.h"

namespace pvbench {

/// "net" for device 1; "device 42" for one without a name here.
[[nodiscard]] std::string device_kind(std::uint32_t device_id);
/// In the order of the bits; "bit 63" for one without a name here.
[[nodiscard]] std::vector<std::string> feature_names(std::uint32_t device_id, std::uint64_t features);
/// Adds a device; the second one of a kind is called "net2".
void add_device(std::vector<DeviceFeatures>& devices, std::uint32_t device_id, std::uint64_t features);

}  // namespace pvbench
