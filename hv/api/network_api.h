// SPDX-License-Identifier: Apache-2.0
// The control socket's path about the network: Firecracker's /network-interfaces/ID.
#pragma once

#include "hv/api/machine_api.h"
#include "hv/machine/network_config.h"

namespace hv {

inline constexpr char network_interfaces_path[] = "/network-interfaces/";

/// Changes the limits of the interface that the path names.
HttpResponse patch_network_interface(const HttpRequest& request, MachineControl& machine);

/// The limits of `net` as `request` changes them: for the machine itself, and for its supervisor, which starts it with
/// them again. Errors: usage (no such interface, a wrong body).
Result<NetLimits> changed_limits(const HttpRequest& request, const NetConfig& net);

}  // namespace hv
