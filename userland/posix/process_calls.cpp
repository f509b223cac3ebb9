// SPDX-License-Identifier: Apache-2.0
// The one process that there is.
#include <signal.h>
#include <unistd.h>

#include "kernel/lifecycle/power.h"
#include "kernel/sched/thread.h"
#include "kernel/trap/panic.h"
#include "userland/posix/errno_result.h"

namespace tenon::posix {

namespace {
constexpr pid_t the_process = 1;
}

extern "C" {

void _exit(int code) { stop_machine(abi::ShutdownReason::power_off, code & 0xFF); }

pid_t getpid() { return the_process; }
pid_t getppid() { return 0; }
pid_t getpgrp() { return the_process; }
uid_t getuid() { return 0; }
uid_t geteuid() { return 0; }
gid_t getgid() { return 0; }
gid_t getegid() { return 0; }
int issetugid() { return 0; }

/// There are no signals from outside. raise() and abort() come here when the program has not asked to handle them.
int kill(pid_t process, int signal) {
    if (process != the_process && process != 0) return answer<int>(fail_with(ESRCH));
    if (signal == 0) return 0;
    panic("the program ended itself with signal %d", signal);
}

/// Until a signal comes, and none does.
int pause() {
    for (;;) Thread::sleep_until(no_deadline - 1);
}

}  // extern "C"

}  // namespace tenon::posix
