// SPDX-License-Identifier: Apache-2.0
// The CPUs on which threads may run.
#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kernel/sched/per_cpu.h"
#include "userland/pthread/control.h"

namespace {

using namespace tenon::pthread;

int set_affinity(tenon::Thread& thread, std::size_t size, const cpu_set_t* set) {
    if (set == nullptr) return EFAULT;
    tenon::VcpuSet vcpus = 0;
    std::memcpy(&vcpus, set, std::min(size, sizeof vcpus));
    return thread.set_affinity(vcpus) ? 0 : EINVAL;
}

int get_affinity(const tenon::Thread& thread, std::size_t size, cpu_set_t* set) {
    // Linux transfers whole words, which must hold every CPU that there could be.
    if (size < sizeof(unsigned long) || size % sizeof(unsigned long) != 0) return EINVAL;
    if (set == nullptr) return EFAULT;
    const tenon::VcpuSet vcpus = thread.affinity() & tenon::PerCpu::online();
    std::memset(set, 0, size);
    std::memcpy(set, &vcpus, sizeof vcpus);
    return 0;
}

}  // namespace

extern "C" {

int pthread_setaffinity_np(pthread_t handle, size_t size, const cpu_set_t* set) {
    return set_affinity(kernel_thread(from_handle(handle)), size, set);
}
int pthread_getaffinity_np(pthread_t handle, size_t size, cpu_set_t* set) {
    return get_affinity(kernel_thread(from_handle(handle)), size, set);
}

int sched_setaffinity(pid_t process, size_t size, const cpu_set_t* set) {
    return is_here(process) ? with_errno(set_affinity(tenon::Thread::current(), size, set)) : -1;
}
int sched_getaffinity(pid_t process, size_t size, cpu_set_t* set) {
    return is_here(process) ? with_errno(get_affinity(tenon::Thread::current(), size, set)) : -1;
}

}  // extern "C"
