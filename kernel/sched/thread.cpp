// SPDX-License-Identifier: Apache-2.0
// A thread's life: create, run, end, join.
#include "kernel/sched/thread.h"

#include <cstring>

#include "kernel/sched/per_cpu.h"
#include "kernel/sched/thread_memory.h"

namespace tenon {

extern "C" [[noreturn, gnu::used]] void tenon_thread_main(Thread* thread) {
    Scheduler::finish_switch();
    interrupts::unmask();
    thread->run();
}

void Thread::run() {
    entry_(argument_);
    exit();
}

Result<Thread*> Thread::create(const Options& options, Entry entry, void* argument) {
    Thread* thread = ThreadMemory::create(options, entry, argument);
    if (thread == nullptr) return fail(Error::no_memory);
    interrupts::Masked masked;
    Scheduler::make_runnable(*thread);
    return thread;
}

void Thread::exit() {
    Thread& self = current();
    interrupts::mask();
    // Held until this vCPU has left the thread's stack: who joins the thread, and frees it, waits for the lock.
    self.ended_.lock_.acquire();
    self.has_ended_ = true;
    self.ended_.wake_locked(nullptr, UINT32_MAX);
    Scheduler::exit_current(self.ended_.lock_);
}

void Thread::yield() {
    interrupts::Masked masked;
    Scheduler::yield();
}

void Thread::sleep_until(Deadline deadline) {
    WaitQueue nobody("sleep");
    nobody.wait_until([] { return false; }, deadline);
}

// The lock of `ended_` guards `has_ended_` and `detached_`.
void Thread::join(Thread& thread) {
    thread.ended_.wait_until([&] { return thread.has_ended_; });
    ThreadMemory::destroy(thread);
}

void Thread::detach(Thread& thread) {
    bool already_ended = false;
    {
        SpinLock::Guard guard(thread.ended_.lock_);
        thread.detached_ = true;
        already_ended = thread.has_ended_;
    }
    if (already_ended) ThreadMemory::destroy(thread);
}

void Thread::set_name(const char* name) {
    std::strncpy(name_, name, sizeof(name_) - 1);
    name_[sizeof(name_) - 1] = 0;
}

bool Thread::set_affinity(VcpuSet vcpus) {
    interrupts::Masked masked;
    if ((vcpus & PerCpu::online()) == 0) return false;
    Scheduler::change_affinity(*this, vcpus);
    return true;
}

void Thread::set_priority(Priority priority) {
    interrupts::Masked masked;
    Scheduler::change_priority(*this, priority);
}

}  // namespace tenon
