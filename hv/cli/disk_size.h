// SPDX-License-Identifier: Apache-2.0
// Resizing a disk of a running machine.
#pragma once

#include <string_view>

#include "hv/cli/machine_client.h"

namespace hv {

/// Whether `part` of a setting is a disk as guests call it: "vda".
[[nodiscard]] bool names_disk(std::string_view part);

/// The drive that is the disk `name` ("vda") of `machine`, as its configuration has it. Errors: usage (there is none).
[[nodiscard]] Result<Json> drive_of(const MachineClient& machine, std::string_view name);

/// Gives the image of the disk `name` ("vda") of `machine` the size `value`, as in "4G", and tells the machine, which
/// is confined and could not do it. "image": the image, or the block device, has its new size already. Errors: usage
/// (no such disk, no size, not whole sectors; smaller, which would cut data off; a block device), no_permission,
/// host_lacks, and those of the machine.
[[nodiscard]] Result<> resize_disk(const MachineClient& machine, std::string_view name, std::string_view value);

}  // namespace hv
