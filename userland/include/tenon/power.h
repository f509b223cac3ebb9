// SPDX-License-Identifier: Apache-2.0
// Shutdown of the machine, requested from outside or by the program.
#ifndef TENON_POWER_H
#define TENON_POWER_H

#ifdef __cplusplus
extern "C" {
#endif

enum tenon_shutdown_reason { TENON_POWER_OFF = 0, TENON_REBOOT = 1 };

/// Called on a thread of its own when the hypervisor asks for a shutdown or reboot. It ends the program itself, by
/// exit() or by letting main() return; if it does not, the hypervisor ends the machine in its own time. A call that
/// lasts longer than 30 s (kernel option shutdown.limit, in ms), exit() included, is reported on the console, and the
/// machine is stopped with exit code 1. Requests during a call are ignored. Without a handler the machine stops with
/// exit code 0, and destructors and atexit handlers do not run.
typedef void (*tenon_shutdown_handler)(enum tenon_shutdown_reason reason);
void tenon_set_shutdown_handler(tenon_shutdown_handler handler);

/// Stops or restarts the machine at once, without exit handlers.
void tenon_stop_machine(enum tenon_shutdown_reason reason, int exit_code) __attribute__((__noreturn__));

#ifdef __cplusplus
}
#endif

#endif
