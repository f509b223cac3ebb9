// SPDX-License-Identifier: Apache-2.0
// Priorities. SCHED_OTHER is the kernel's normal priority. With SCHED_RR and SCHED_FIFO the parameter is the kernel's
// priority, 1 (least urgent) to 31, where 16 is normal; with either, threads of equal priority take turns.
#include <pthread.h>
#include <sched.h>

#include <cerrno>

#include "userland/pthread/control.h"

namespace tenon::pthread {

namespace {

constexpr int lowest = 1;
constexpr int highest = static_cast<int>(Priority::highest);

bool is_real_time(int policy) { return policy == SCHED_RR || policy == SCHED_FIFO; }

}  // namespace

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

int sched_get_priority_min(int policy) { return is_real_time(policy) ? lowest : 0; }
int sched_get_priority_max(int policy) { return is_real_time(policy) ? highest : 0; }

int sched_getcpu() { return static_cast<int>(tenon::Cpu::current().index); }

}  // extern "C"
