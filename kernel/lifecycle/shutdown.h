// SPDX-License-Identifier: Apache-2.0
// A program's own way to end, which has a time limit.
#pragma once

#include "kernel/lifecycle/power.h"

namespace tenon {

/// `handler` is called for a shutdown or reboot, on a thread of its own (userland/include/tenon/power.h). A request
/// that comes while it runs is the same request. If it runs longer than the kernel option shutdown.limit says (ms; 30
/// s), the machine is stopped with exit code 1.
void call_program_for_shutdown(ShutdownHandler handler);

}  // namespace tenon
