// SPDX-License-Identifier: Apache-2.0
// Calling the program's shutdown handler, with a time limit.
#pragma once

#include "kernel/lifecycle/power.h"

namespace tenon {

/// `handler` is called for a shutdown or reboot, on a thread of its own (userland/include/tenon/power.h); requests that
/// come while it runs are ignored. If it runs longer than the kernel option shutdown.limit (ms; default 30 s), the
/// machine is stopped with exit code 1.
void call_program_for_shutdown(ShutdownHandler handler);

}  // namespace tenon
