// SPDX-License-Identifier: Apache-2.0
// Waiting and waking on the build machine.
#include "host_threads.h"

#include <utility>

#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"

namespace tenon {

std::function<void()>& test::while_blocked() {
    static std::function<void()> act;
    return act;
}

std::function<void()>& test::while_waiting() {
    static std::function<void()> act;
    return act;
}

std::vector<test::StartedThread>& test::started_threads() {
    // Never destroyed: a thread that waits for ever holds its argument to the end, when leaks are looked for.
    static auto& threads = *new std::vector<StartedThread>;
    return threads;
}
bool test::StartedThread::run() const {
    try {
        entry(argument);
    } catch (const BlockedForEver&) {
        return false;
    }
    return true;
}
Result<Thread*> Thread::create(const Options&, Entry entry, void* argument) {
    test::started_threads().push_back({entry, argument});
    alignas(Thread) static std::byte nobody[sizeof(Thread)];
    return reinterpret_cast<Thread*>(nobody);
}

WaitResult WaitQueue::block(const void*, Deadline deadline) {
    lock_.release();
    if (const auto act = std::exchange(test::while_blocked(), nullptr); act != nullptr) {
        act();
        return WaitResult::woken;
    }
    if (deadline.at == no_deadline) throw test::BlockedForEver("waits without a limit, and nobody is there to wake it");
    return WaitResult::timed_out;
}
WaitResult wait_on_address(const std::atomic<std::uint32_t>& word, std::uint32_t expected, Deadline deadline) {
    if (word.load() != expected) return WaitResult::woken;
    if (test::while_waiting() != nullptr) {
        test::while_waiting()();
        return WaitResult::woken;
    }
    if (deadline.at == no_deadline) throw test::BlockedForEver("waits for a word, and nobody is there to change it");
    return WaitResult::timed_out;
}
std::uint32_t WaitQueue::wake_address(const void*, std::uint32_t) { return 0; }
std::uint32_t wake_address(const std::atomic<std::uint32_t>&, std::uint32_t) { return 0; }
void Mutex::lock_slow() { throw test::BlockedForEver("locks a mutex that it has locked"); }
void Thread::sleep_until(Deadline) {}

}  // namespace tenon
