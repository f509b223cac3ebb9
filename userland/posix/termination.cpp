// SPDX-License-Identifier: Apache-2.0
// The hypervisor's request to stop, as SIGTERM.
#include "userland/posix/termination.h"

#include "kernel/lifecycle/power.h"
#include "userland/posix/signals.h"

namespace tenon::posix {

namespace {

/// On the power thread, which runs no handlers: a thread of the program takes the signal.
void terminate(abi::ShutdownReason reason) {
    struct sigaction action = {};
    (void)signals::change_action(SIGTERM, nullptr, &action);
    if (action.sa_handler == SIG_DFL && !signals::is_waited_for(SIGTERM)) stop_machine(reason, 0);
    siginfo_t signal = {};
    signal.si_signo = SIGTERM;
    (void)signals::post(signal, nullptr);
}

}  // namespace

void take_termination_as_signal() { set_shutdown_handler(terminate); }

}  // namespace tenon::posix
