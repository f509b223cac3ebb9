// SPDX-License-Identifier: Apache-2.0
// The one process that there is.
#include <stdlib.h>
#include <unistd.h>

#include "kernel/lifecycle/power.h"
#include "userland/posix/errno_result.h"
#include "userland/posix/interruption.h"

namespace tenon::posix {

namespace {
constexpr pid_t the_process = 1;
}

extern "C" {

void _exit(int code) { stop_machine(abi::ShutdownReason::power_off, code & 0xFF); }

pid_t getpid() { return the_process; }
pid_t getppid() { return 0; }
pid_t getpgrp() { return the_process; }
int issetugid() { return 0; }
char* secure_getenv(const char* name) { return getenv(name); }

/// Until a signal's handler has run.
int pause() {
    while (!interruptible_sleep(no_deadline)) {
    }
    return answer<int>(fail_with(EINTR));
}

}  // extern "C"

}  // namespace tenon::posix
