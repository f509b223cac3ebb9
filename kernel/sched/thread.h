// SPDX-License-Identifier: Apache-2.0
// Preemptive kernel threads with priorities. pthreads are built on them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/intrusive_list.h"
#include "kernel/base/result.h"
#include "kernel/sched/placement.h"
#include "kernel/sched/wait.h"
#include "kernel/time/timer.h"
#include "kernel/trap/thread_record.h"

namespace tenon {

inline constexpr std::size_t default_stack_size = 128 * 1024;
inline constexpr std::size_t smallest_stack_size = 16 * 1024;

struct AllTag;

extern "C" [[noreturn]] void tenon_thread_main(class Thread* thread);

class Thread : public ThreadRecord, public ListLink<RunTag>, public ListLink<WaitTag>, public ListLink<AllTag> {
public:
    using Entry = void (*)(void* argument);
    struct Options {
        const char* name = "thread";  ///< copied; at most 31 characters
        Priority priority = Priority::normal;
        std::size_t stack_size = default_stack_size;  ///< rounded up to a power of two of pages; guard page included
        bool detached = false;                        ///< freed when it ends; otherwise another thread must join it
    };

    /// Starts a thread, with a guard page below its stack. Error: no_memory.
    static Result<Thread*> create(const Options& options, Entry entry, void* argument);
    static Thread& current() { return static_cast<Thread&>(*Cpu::current_thread_record()); }

    /// Ends the calling thread.
    [[noreturn]] static void exit();
    /// Gives the rest of the time slice to threads of the same priority.
    static void yield();
    /// Blocks until `deadline`.
    static void sleep_until(Deadline deadline);

    /// Waits until `thread` has ended, then frees it. To be called once for each thread that is not detached.
    static void join(Thread& thread);
    /// The thread is freed when it ends; if it has ended, at once.
    static void detach(Thread& thread);

    void set_name(const char* name);
    void set_priority(Priority priority);
    [[nodiscard]] Priority priority() const { return priority_; }
    /// The vCPUs on which the thread may run. False: none of them is there.
    bool set_affinity(VcpuSet vcpus);
    [[nodiscard]] VcpuSet affinity() const { return affinity_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool may_run_on(std::uint32_t vcpu) const { return (affinity() >> vcpu & 1) != 0; }
    [[nodiscard]] std::uint32_t id() const { return id_; }
    /// TSC ticks that the thread has run, including those since the last switch. Interrupts are masked.
    [[nodiscard]] std::uint64_t run_ticks() const;
    /// For the C library: its per-thread structure (userland/pthread).
    void* library_data = nullptr;

    /// How many threads there are.
    static std::uint32_t count();

    enum class State : std::uint8_t { runnable, running, blocked, ended };
    struct Information {
        std::uint32_t id;
        Priority priority;
        State state;
        std::size_t stack_size;
        Nanoseconds run_time;  ///< time on a processor since it was created
        char name[32];
    };
    /// Fills in as many as `threads` has room for, oldest first, idle threads included; returns how many.
    static std::size_t list(std::span<Information> threads);

private:
    friend class Scheduler;
    friend class WaitQueue;
    friend struct ThreadMemory;
    friend struct ThreadTimes;
    friend void tenon_thread_main(Thread*);
    Thread() = default;
    [[noreturn]] void run();

    std::atomic<std::uint32_t> vcpu_ = 0;  // on which it runs, waits to run, or ran last
    std::atomic<VcpuSet> affinity_ = every_vcpu;
    std::uint64_t saved_stack_pointer_ = 0;
    std::uint64_t thread_pointer_ = 0;  // FS base
    State state_ = State::runnable;
    Priority priority_ = Priority::normal;
    bool detached_ = false;
    bool has_ended_ = false;
    bool wait_timed_out_ = false;
    std::uint32_t id_ = 0;
    std::uint64_t run_ticks_ = 0;  // of the TSC, up to its last switch
    Nanoseconds told_run_time_ = 0;
    const void* wait_address_ = nullptr;
    WaitQueue* waiting_in_ = nullptr;
    Entry entry_ = nullptr;
    void* argument_ = nullptr;
    void* stack_pages_ = nullptr;
    std::uint32_t stack_order_ = 0;
    void* tls_block_ = nullptr;
    WaitQueue ended_{"thread end"};
};

}  // namespace tenon
