// SPDX-License-Identifier: Apache-2.0
// Orderly shutdown, and the thread that serves the hypervisor's requests.
#pragma once

#include <atomic>

#include "hypercall/calls.h"

namespace tenon {

/// Called on that thread when the hypervisor asks for a shutdown or reboot. Without a handler the machine stops, with
/// exit code 0, after the shutdown hooks. Must not block; the program's handler may (kernel/lifecycle/shutdown.h).
using ShutdownHandler = void (*)(abi::ShutdownReason reason);
void set_shutdown_handler(ShutdownHandler handler);

/// Acts like a request of the hypervisor: the handler runs on the power thread, and this returns at once. For the
/// agent.
void request_shutdown(abi::ShutdownReason reason);

/// Runs `hook(context)` before the machine stops, last registered first; drivers drain here. At most 16.
void add_shutdown_hook(void (*hook)(void* context), void* context);

/// Runs the hooks, drains the console and stops the machine.
[[noreturn]] void stop_machine(abi::ShutdownReason reason, int exit_code);

/// A task for the thread that serves the hypervisor's requests. Lives as long as the machine.
struct PowerTask {
    void (*run)();
    std::atomic<bool> wanted = false;
    PowerTask* next = nullptr;
};
/// Callable anywhere, also in interrupt context. A task that is queued already runs once.
void run_on_power_thread(PowerTask& task);

/// Called on that thread when the hypervisor says that the clock has jumped, the wall clock alone included; must not
/// block.
void set_resume_listener(void (*listener)());

/// Starts the thread that serves the hypervisor's requests. Once, at boot.
void initialize_power();

}  // namespace tenon
