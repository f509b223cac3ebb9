// SPDX-License-Identifier: Apache-2.0
// Processor time of threads and of the whole machine.
#include "userland/posix/processor_clock.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "kernel/mm/page_allocator.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/thread_times.h"
#include "userland/posix/timespec.h"
#include "userland/pthread/control.h"

namespace tenon::posix {

namespace {

/// A thread's clock is this and its id.
constexpr clockid_t thread_clocks = clockid_t{1} << 32;

Outcome<> use_resources(int who, rusage* usage) {
    if (who != RUSAGE_SELF && who != RUSAGE_THREAD && who != RUSAGE_CHILDREN) return fail_with(EINVAL);
    if (usage == nullptr) return fail_with(EFAULT);
    *usage = {};
    if (who == RUSAGE_CHILDREN) return {};
    const MemoryStatistics memory = memory_statistics();
    usage->ru_maxrss = static_cast<long>((memory.total_bytes - memory.free_bytes) / 1024);
    if (who == RUSAGE_THREAD) {
        usage->ru_utime = to_timeval(ThreadTimes::of_current());
        return {};
    }
    const Scheduler::Times used = Scheduler::times();
    usage->ru_utime = to_timeval(used.program);
    usage->ru_stime = to_timeval(used.system);
    return {};
}

}  // namespace

Outcome<Nanoseconds> read_processor_clock(clockid_t clock) {
    if (clock == CLOCK_PROCESS_CPUTIME_ID) return ThreadTimes::of_all();
    if (clock == CLOCK_THREAD_CPUTIME_ID) return ThreadTimes::of_current();
    if (clock >> 32 != thread_clocks >> 32) return fail_with(EINVAL);
    const auto time = ThreadTimes::of_thread(static_cast<std::uint32_t>(clock));
    if (!time) return fail_with(EINVAL);
    return *time;
}

extern "C" {

int getrusage(int who, rusage* usage) { return answer(use_resources(who, usage)); }

int clock_getcpuclockid(pid_t process, clockid_t* clock) {
    if (process != 0 && process != getpid()) return ESRCH;
    *clock = CLOCK_PROCESS_CPUTIME_ID;
    return 0;
}

int pthread_getcpuclockid(pthread_t thread, clockid_t* clock) {
    *clock = thread_clocks | pthread::kernel_thread(pthread::from_handle(thread)).id();
    return 0;
}

}  // extern "C"

}  // namespace tenon::posix
