// SPDX-License-Identifier: Apache-2.0
// How a machine ends in order.
#pragma once

#include "hypercall/calls.h"

namespace tenon {

/// Called once, on a thread of its own, when the hypervisor asks for a shutdown or reboot. Default: stops the machine
/// with exit code 0 after the shutdown hooks. A program may replace it (userland/include/tenon/power.h).
using ShutdownHandler = void (*)(abi::ShutdownReason reason);
void set_shutdown_handler(ShutdownHandler handler);

/// As if the hypervisor had asked: the handler runs on its thread, and this returns at once. For the Tools daemon.
void request_shutdown(abi::ShutdownReason reason);

/// Runs `hook(context)` before the machine stops, last registered first; drivers drain here. At most 16.
void add_shutdown_hook(void (*hook)(void* context), void* context);

/// Runs the hooks, drains the console and stops the machine.
[[noreturn]] void stop_machine(abi::ShutdownReason reason, int exit_code);

/// Starts the thread that serves the hypervisor's requests. Once, at boot.
void initialize_power();

}  // namespace tenon
