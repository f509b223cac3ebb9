// SPDX-License-Identifier: Apache-2.0
// Priorities. SCHED_OTHER is the kernel's normal priority. With SCHED_RR and SCHED_FIFO the parameter is the kernel's
// priority, 1 (least urgent) to 31, where 16 is normal; with either, threads of equal priority take turns.
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>

#include "userland/pthread/control.h"

namespace tenon::pthread {

namespace {

constexpr int lowest = 1;
constexpr long time_slice = 5'000'000;  ///< of the kernel's scheduler, in ns
constexpr int highest = static_cast<int>(Priority::highest);

bool is_real_time(int policy) { return policy == SCHED_RR || policy == SCHED_FIFO; }

/// Error: EINVAL.
bool check_policy(int policy) {
    if (policy == SCHED_OTHER || is_real_time(policy)) return true;
    errno = EINVAL;
    return false;
}

}  // namespace

bool is_here(pid_t process) {
    if (process == 0 || process == getpid()) return true;
    errno = ESRCH;
    return false;
}

int with_errno(int error) {
    if (error == 0) return 0;
    errno = error;
    return -1;
}

int kernel_priority(int policy, int priority) {
    if (policy == SCHED_OTHER) return priority == 0 ? static_cast<int>(Priority::normal) : -1;
    return is_real_time(policy) && priority >= lowest && priority <= highest ? priority : -1;
}

}  // namespace tenon::pthread

using namespace tenon::pthread;

extern "C" {

int pthread_getschedparam(pthread_t handle, int* policy, sched_param* parameters) {
    Control& control = from_handle(handle);
    *policy = control.policy;
    parameters->sched_priority =
        control.policy == SCHED_OTHER ? 0 : static_cast<int>(kernel_thread(control).priority());
    return 0;
}

int pthread_setschedparam(pthread_t handle, int policy, const sched_param* parameters) {
    const int priority = kernel_priority(policy, parameters->sched_priority);
    if (priority < 0) return EINVAL;
    Control& control = from_handle(handle);
    control.policy = policy;
    kernel_thread(control).set_priority(static_cast<tenon::Priority>(priority));
    return 0;
}

int pthread_setschedprio(pthread_t handle, int priority) {
    const sched_param parameters{.sched_priority = priority};
    return pthread_setschedparam(handle, from_handle(handle).policy, &parameters);
}

int pthread_getconcurrency() { return 0; }
int pthread_setconcurrency(int level) { return level < 0 ? EINVAL : 0; }

int sched_yield() {
    tenon::Thread::yield();
    return 0;
}

int pthread_yield() { return sched_yield(); }

// Calls for the process, of which there is one: they act on the calling thread, as on Linux.
int sched_getscheduler(pid_t process) { return is_here(process) ? self().policy : -1; }
int sched_getparam(pid_t process, sched_param* parameters) {
    int policy = 0;
    return is_here(process) ? pthread_getschedparam(pthread_self(), &policy, parameters) : -1;
}
int sched_setscheduler(pid_t process, int policy, const sched_param* parameters) {
    return is_here(process) ? with_errno(pthread_setschedparam(pthread_self(), policy, parameters)) : -1;
}
int sched_setparam(pid_t process, const sched_param* parameters) {
    return sched_setscheduler(process, self().policy, parameters);
}
int sched_rr_get_interval(pid_t process, timespec* interval) {
    if (!is_here(process)) return -1;
    *interval = {0, time_slice};
    return 0;
}

int sched_get_priority_min(int policy) { return check_policy(policy) ? (is_real_time(policy) ? lowest : 0) : -1; }
int sched_get_priority_max(int policy) { return check_policy(policy) ? (is_real_time(policy) ? highest : 0) : -1; }

int sched_getcpu() { return static_cast<int>(tenon::Cpu::current().index); }

}  // extern "C"
