// SPDX-License-Identifier: Apache-2.0
// Whether an image has what its configuration asks for.
#pragma once

#include <string>
#include <vector>

#include "hv/core/error.h"
#include "hv/image/image.h"
#include "hv/machine/config.h"

namespace hv {

/// Refuses options that a Tenon kernel does not know, and addresses that cannot work. Errors: usage, with what was
/// probably meant.
Result<> check_kernel_options(const CommandLine& line);

/// False: the image says that it has no driver for devices of this ID (virtio 1.2, section 5).
[[nodiscard]] bool may_drive(const ImageLayout& image, std::uint32_t device_id);

/// False: the image says that it opens no console port of this name.
[[nodiscard]] bool may_open_port(const ImageLayout& image, std::string_view name);

/// A line for each kind of device that the image has no driver for.
[[nodiscard]] std::vector<std::string> missing_drivers(const MachineConfig& config, const ImageLayout& image);

}  // namespace hv
