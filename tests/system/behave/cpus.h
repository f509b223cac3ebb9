// SPDX-License-Identifier: Apache-2.0
// Programs on several vCPUs.
#pragma once

#include <string_view>

/// "count": prints how many vCPUs run threads. "busy": all compute, for ever, and it prints a line each second.
/// "panic N", "stuck N": vCPU N panics, or hangs with interrupts masked, while the others compute. "sum N": prints how
/// many rounds of a computation N threads make in two seconds.
[[noreturn]] void use_cpus(std::string_view what, unsigned number);
