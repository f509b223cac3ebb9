// SPDX-License-Identifier: Apache-2.0
// Threads: priorities, time slices, waiting with and without a deadline, timers.
#include <atomic>

#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"
#include "tests/guest/test.h"

namespace {

using tenon::Priority;
using tenon::Thread;
using tenon::WaitResult;

tenon::Nanoseconds in(tenon::Nanoseconds delay) { return tenon::monotonic_now() + delay; }
constexpr tenon::Nanoseconds millisecond = 1'000'000;

struct Order {
    char letters[16] = {};
    std::atomic<std::size_t> count = 0;
    void add(char letter) { letters[count.fetch_add(1)] = letter; }
};

/// Whether something holds that more urgent threads bring about: at once on one vCPU, where they run first, and soon on
/// several, where they run elsewhere.
template <typename Condition>
bool holds(Condition&& condition) {
    const tenon::Nanoseconds limit = in(20'000 * millisecond);
    while (!condition() && tenon::Cpu::several() && tenon::monotonic_now() < limit) tenon::cpu_relax();
    return condition();
}

}  // namespace

GUEST_TEST(a_more_urgent_thread_runs_at_once) {
    static Order order;
    static tenon::Semaphore go;
    auto urgent = Thread::create(
        {.priority = Priority::tools},
        [](void*) {
            go.wait();
            order.add('u');
        },
        nullptr);
    // On the same vCPU.
    EXPECT((*urgent)->set_affinity(1) && Thread::current().set_affinity(1));
    Thread::sleep_until(in(millisecond));
    go.post();
    order.add('n');
    Thread::join(**urgent);
    EXPECT(Thread::current().set_affinity(tenon::every_vcpu));
    EXPECT(order.letters[0] == 'u');
    EXPECT(order.letters[1] == 'n');
}

GUEST_TEST(a_less_urgent_thread_waits_for_its_turn) {
    static Order order;
    static tenon::Semaphore go;
    auto low = Thread::create(
        {.priority = Priority::low},
        [](void*) {
            go.wait();
            order.add('l');
        },
        nullptr);
    // On the same vCPU.
    EXPECT((*low)->set_affinity(1) && Thread::current().set_affinity(1));
    Thread::sleep_until(in(millisecond));
    go.post();
    Thread::yield();
    order.add('n');
    Thread::join(**low);
    EXPECT(Thread::current().set_affinity(tenon::every_vcpu));
    EXPECT(order.letters[0] == 'n');
    EXPECT(order.letters[1] == 'l');
}

GUEST_TEST(equal_threads_share_the_processor_without_yielding) {
    static std::atomic<bool> seen;
    seen = false;
    auto other = Thread::create(
        {}, [](void*) { seen = true; }, nullptr);
    const tenon::Nanoseconds limit = in(5'000 * millisecond);
    while (!seen && tenon::monotonic_now() < limit) {
    }
    EXPECT(seen);
    Thread::join(**other);
}

GUEST_TEST(a_wait_ends_at_its_deadline) {
    tenon::Semaphore never;
    const tenon::Nanoseconds start = tenon::monotonic_now();
    EXPECT(never.wait(start + millisecond) == WaitResult::timed_out);
    EXPECT(tenon::monotonic_now() >= start + millisecond);
}

GUEST_TEST(a_deadline_in_the_past_times_out_at_once) {
    tenon::Semaphore never;
    EXPECT(never.wait(1) == WaitResult::timed_out);
}

GUEST_TEST(a_post_wakes_one_waiter) {
    static tenon::Semaphore semaphore;
    static std::atomic<int> woken;
    woken = 0;
    Thread* waiters[3];
    for (auto& waiter : waiters)
        waiter = *Thread::create(
            {.priority = Priority::network},
            [](void*) {
                if (semaphore.wait() == WaitResult::woken) woken.fetch_add(1);
            },
            nullptr);
    EXPECT(woken == 0);
    semaphore.post();
    EXPECT(holds([] { return woken == 1; }));
    Thread::sleep_until(in(millisecond));
    EXPECT(woken == 1);
    semaphore.post();
    semaphore.post();
    EXPECT(holds([] { return woken == 3; }));
    for (Thread* waiter : waiters) Thread::join(*waiter);
}

GUEST_TEST(a_mutex_excludes) {
    static tenon::Mutex mutex;
    static int unprotected;
    unprotected = 0;
    Thread* threads[4];
    for (auto& thread : threads)
        thread = *Thread::create(
            {},
            [](void*) {
                for (int round = 0; round < 2000; ++round) {
                    mutex.lock();
                    const int seen = unprotected;
                    if (round % 16 == 0) Thread::yield();
                    unprotected = seen + 1;
                    mutex.unlock();
                }
            },
            nullptr);
    for (Thread* thread : threads) Thread::join(*thread);
    EXPECT(unprotected == 8000);
}

GUEST_TEST(try_lock_fails_on_a_held_mutex) {
    tenon::Mutex mutex;
    EXPECT(mutex.try_lock());
    EXPECT(!mutex.try_lock());
    mutex.unlock();
    EXPECT(mutex.try_lock());
    mutex.unlock();
}

GUEST_TEST(timers_fire_in_order_and_cancelled_ones_do_not) {
    static Order order;
    static tenon::Semaphore done;
    tenon::Timer late(
        [](void*) {
            order.add('c');
            done.post();
        },
        nullptr);
    tenon::Timer early([](void*) { order.add('a'); }, nullptr);
    tenon::Timer middle([](void*) { order.add('b'); }, nullptr);
    tenon::Timer cancelled([](void*) { order.add('x'); }, nullptr);
    const tenon::Nanoseconds start = tenon::monotonic_now();
    {
        // All on one vCPU.
        const tenon::interrupts::Masked masked;
        late.start(start + 3 * millisecond);
        cancelled.start(start + 60'000 * millisecond);  // on a slow machine, 2 ms can pass before it is cancelled
        early.start(start + millisecond);
        middle.start(start + 2 * millisecond);
    }
    EXPECT(cancelled.cancel());
    EXPECT(!cancelled.cancel());
    EXPECT(done.wait(start + 5'000 * millisecond) == WaitResult::woken);
    EXPECT(std::string_view(order.letters) == "abc");
}

GUEST_TEST(a_thousand_threads_come_and_go) {
    const std::uint32_t before = Thread::count();
    static std::atomic<int> ran;
    ran = 0;
    for (int round = 0; round < 100; ++round) {
        Thread* threads[10];
        for (auto& thread : threads)
            thread = *Thread::create(
                {.stack_size = 16384}, [](void*) { ran.fetch_add(1); }, nullptr);
        for (Thread* thread : threads) Thread::join(*thread);
    }
    EXPECT(ran == 1000);
    EXPECT(Thread::count() == before);
}

GUEST_TEST(a_thread_that_cannot_have_a_stack_is_refused) {
    const auto thread = Thread::create(
        {.stack_size = std::size_t{1} << 45}, [](void*) {}, nullptr);
    EXPECT(!thread.has_value());
}
