// SPDX-License-Identifier: Apache-2.0
// Firecracker's path about a drive.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "hv/api/machine_api.h"

namespace hv {

inline constexpr char drives_path[] = "/drives/";

struct DriveChange {
    std::size_t drive;
    std::optional<RateLimits> limits;
    bool reread;  ///< the size of the image
};

/// What a PATCH of a drive asks for. Its `path_on_host` can only be the present one, because a confined hv opens
/// nothing; with it, or without a limit, the image's size is read again. Errors: usage.
Result<DriveChange> drive_change(const HttpRequest& request, const std::vector<DriveConfig>& drives);

/// PATCH of a drive: changes its limits, or reads its image's size again and tells the guest.
HttpResponse patch_drive(const HttpRequest& request, MachineControl& machine);

}  // namespace hv
