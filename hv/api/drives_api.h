// SPDX-License-Identifier: Apache-2.0
// Firecracker's path about a drive.
#pragma once

#include "hv/api/machine_api.h"

namespace hv {

inline constexpr char drives_path[] = "/drives/";

/// PATCH of a drive: its image's size is read again, and the guest is told. `path_on_host` can only be the present one,
/// because a confined hv opens nothing.
HttpResponse patch_drive(const HttpRequest& request, MachineControl& machine);

}  // namespace hv
