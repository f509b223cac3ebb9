// SPDX-License-Identifier: Apache-2.0
// The control socket's path about CPU time: our /cpu.
#pragma once

#include "hv/api/machine_api.h"
#include "hv/machine/cpu_policy.h"

namespace hv {

inline constexpr char cpu_path[] = "/cpu";

HttpResponse get_cpu(const HttpRequest& request, MachineControl& machine);
/// Takes the keys of machine/cpu_config.h; what is left out stays as it is.
HttpResponse patch_cpu(const HttpRequest& request, MachineControl& machine);

/// `present` as `request` changes it: for the machine itself, and for its supervisor, which starts it with that again.
/// Errors: usage (a wrong body).
Result<CpuPolicy> changed_cpu(const HttpRequest& request, const CpuPolicy& present);

}  // namespace hv
