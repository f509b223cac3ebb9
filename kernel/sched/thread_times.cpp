// SPDX-License-Identifier: Apache-2.0
// The list of all threads, and their processor time.
#include "kernel/sched/thread_times.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "kernel/sched/per_cpu.h"
#include "kernel/time/clock.h"

namespace tenon {

namespace {

struct All {
    IntrusiveList<Thread, AllTag> threads;
    std::uint64_t ended_program_ticks = 0;
    std::uint64_t ended_system_ticks = 0;
};
constinit Locked<All> all{"threads"};
constinit std::uint64_t start_tsc = 0;
constinit Nanoseconds start_time = 0;

bool is_system(Priority priority) { return priority > Priority::normal; }

/// Converts TSC ticks by the average rate since the start, which needs no calibration and becomes more precise with
/// time.
class TickScale {
public:
    TickScale() : ns_(monotonic_now() - start_time), ticks_(read_tsc_roughly() - start_tsc) {}
    [[nodiscard]] Nanoseconds to_ns(std::uint64_t ticks) const {
        if (ticks_ == 0) return 0;
        return static_cast<Nanoseconds>(static_cast<unsigned __int128>(ticks) * ns_ / ticks_);
    }

private:
    Nanoseconds ns_;
    std::uint64_t ticks_;
};

}  // namespace

void ThreadTimes::start(std::uint64_t tsc) {
    start_tsc = tsc;
    start_time = monotonic_now();
}

void ThreadTimes::add(Thread& thread) {
    all.with([&](All& list) { list.threads.push_back(thread); });
}

void ThreadTimes::remove(Thread& thread) {
    all.with([&](All& list) {
        IntrusiveList<Thread, AllTag>::remove(thread);
        (is_system(thread.priority()) ? list.ended_system_ticks : list.ended_program_ticks) += thread.run_ticks();
    });
}

std::size_t Thread::list(std::span<Information> threads) {
    const TickScale scale;
    return all.with([&](All& list) {
        std::size_t count = 0;
        list.threads.for_each([&](Thread& thread) {
            if (count == threads.size()) return;
            Information& to = threads[count++];
            // An idle thread is never in a queue: its state is always `running`.
            const bool waits =
                thread.priority_ == Priority::idle && PerCpu::load_of(thread.vcpu_).running != Priority::idle;
            to = {thread.id_,
                  thread.priority_,
                  waits ? State::runnable : thread.state_,
                  thread.stack_size_,
                  scale.to_ns(thread.run_ticks()),
                  {}};
            std::memcpy(to.name, thread.name_, sizeof(to.name));
        });
        return count;
    });
}

Scheduler::Times Scheduler::times() {
    const TickScale scale;
    return all.with([&](All& list) {
        std::uint64_t program = list.ended_program_ticks, system = list.ended_system_ticks, idle = 0;
        list.threads.for_each([&](Thread& thread) {
            if (thread.priority() == Priority::idle)
                idle += thread.run_ticks();
            else
                (is_system(thread.priority()) ? system : program) += thread.run_ticks();
        });
        return Times{scale.to_ns(program), scale.to_ns(system), scale.to_ns(idle)};
    });
}

// The scale varies by some millionths, more so at the start: a time that was told is told again until it is passed.
// With the list's lock, which guards what was told.
Nanoseconds ThreadTimes::tell(Thread& thread) {
    thread.told_run_time_ = std::max(thread.told_run_time_, TickScale().to_ns(thread.run_ticks()));
    return thread.told_run_time_;
}

Nanoseconds ThreadTimes::of_current() {
    return all.with([](All&) { return tell(Thread::current()); });
}

Result<Nanoseconds> ThreadTimes::of_thread(std::uint32_t id) {
    return all.with([=](All& list) -> Result<Nanoseconds> {
        Thread* found = list.threads.find(
            [=](const Thread& thread) { return thread.id() == id && thread.priority() != Priority::idle; });
        if (found == nullptr) return fail(Error::invalid_argument);
        return tell(*found);
    });
}

Nanoseconds ThreadTimes::of_all() {
    static constinit std::atomic<Nanoseconds> told = 0;
    const Scheduler::Times now = Scheduler::times();
    const Nanoseconds time = now.program + now.system;
    Nanoseconds before = told.load(std::memory_order_relaxed);
    while (time > before && !told.compare_exchange_weak(before, time, std::memory_order_relaxed)) {
    }
    return std::max(time, before);
}

std::uint32_t Scheduler::waiting_to_run() {
    return all.with([](All& list) {
        std::uint32_t count = 0;
        list.threads.for_each([&](Thread& thread) {
            if (thread.state_ == Thread::State::runnable && thread.priority_ != Priority::idle) ++count;
        });
        return count;
    });
}

}  // namespace tenon
