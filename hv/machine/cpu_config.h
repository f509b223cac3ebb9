// SPDX-License-Identifier: Apache-2.0
// A machine's CPU policy as JSON: in a configuration file, and on the control socket.
//
//   {"limit_millicpus": N, "burst_ms": N, "reservation_millicpus": N, "shares": N, "pin": "0-1", "hv_pin": "0",
//    "node": N, "cgroup": "auto"}
#pragma once

#include "hv/core/json_section.h"
#include "hv/machine/cpu_policy.h"

namespace hv {

/// Puts what `section` says over `policy`; what it leaves out stays as it is. 0 and "" remove a value, except for the
/// node. Errors: usage, naming the key.
Result<> read_cpu(JsonSection& section, CpuPolicy& policy);

/// The values that are given: null for a machine without any.
[[nodiscard]] Json cpu_json(const CpuPolicy& policy);

}  // namespace hv
