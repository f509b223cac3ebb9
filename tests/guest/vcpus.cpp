// SPDX-License-Identifier: Apache-2.0
// Threads on several vCPUs. Tests whose names begin with "vcpus_" run on machines that have several.
#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "kernel/mm/heap.h"
#include "kernel/sched/alone.h"
#include "kernel/sched/scheduler.h"
#include "kernel/sched/sync.h"
#include "kernel/sched/thread.h"
#include "kernel/time/timer.h"
#include "tests/guest/test.h"

namespace {

using tenon::Cpu;
using tenon::Nanoseconds;
using tenon::Priority;
using tenon::Thread;
using tenon::VcpuSet;
using tenon::WaitResult;

constexpr Nanoseconds millisecond = 1'000'000, limit = 20'000 * millisecond;

Nanoseconds in(Nanoseconds delay) { return tenon::monotonic_now() + delay; }

std::uint32_t vcpu_count() { return Cpu::count.load(); }

std::uint32_t this_vcpu() {
    const tenon::interrupts::Masked masked;
    return Cpu::current().index;
}

/// Runs `body(index)` in `count` threads, and joins them. With `spread`, thread i is bound to vCPU i.
template <typename Body>
void run_threads(std::uint32_t count, Body body, bool spread = false) {
    struct Start {
        Body* body;
        std::uint32_t index;
    };
    std::vector<Start> starts;
    std::vector<Thread*> threads;
    for (std::uint32_t index = 0; index < count; ++index) starts.push_back({&body, index});
    for (Start& start : starts) {
        threads.push_back(*Thread::create(
            {.stack_size = 32768},
            [](void* argument) {
                const Start& mine = *static_cast<Start*>(argument);
                (*mine.body)(mine.index);
            },
            &start));
        if (spread) EXPECT(threads.back()->set_affinity(1U << start.index % vcpu_count()));
    }
    for (Thread* thread : threads) Thread::join(*thread);
}

/// Waits, without blocking, until `condition()` holds. False: it did not in time.
template <typename Condition>
bool spin_until(Condition&& condition) {
    const Nanoseconds end = in(limit);
    while (!condition()) {
        if (tenon::monotonic_now() > end) return false;
        tenon::cpu_relax();
    }
    return true;
}

}  // namespace

GUEST_TEST(a_thread_cannot_be_bound_to_vcpus_that_are_not_there) {
    Thread& self = Thread::current();
    EXPECT(!self.set_affinity(0));
    if (vcpu_count() < 32) EXPECT(!self.set_affinity(1U << vcpu_count()));
    EXPECT(self.affinity() == tenon::every_vcpu);
    EXPECT(self.set_affinity(1));
    EXPECT(self.affinity() == 1);
    EXPECT(self.set_affinity(tenon::every_vcpu));
}

GUEST_TEST(vcpus_threads_run_at_the_same_time) {
    std::atomic<std::uint32_t> arrived = 0;
    // None of them blocks: they all arrive only if each has a vCPU, or its time slice.
    run_threads(vcpu_count(), [&](std::uint32_t) {
        arrived.fetch_add(1);
        EXPECT(spin_until([&] { return arrived.load() == vcpu_count(); }));
    });
    EXPECT(arrived.load() == vcpu_count());
}

GUEST_TEST(vcpus_a_bound_thread_runs_where_it_is_bound) {
    run_threads(
        4 * vcpu_count(),
        [&](std::uint32_t index) {
            // A thread may have begun elsewhere before it was bound.
            EXPECT(spin_until([&] { return this_vcpu() == index % vcpu_count(); }));
            for (int round = 0; round < 200; ++round) {
                Thread::yield();
                EXPECT(this_vcpu() == index % vcpu_count());
            }
        },
        true);
}

GUEST_TEST(vcpus_a_running_thread_moves_when_it_is_bound_elsewhere) {
    Thread& self = Thread::current();
    for (int round = 0; round < 300; ++round) {
        const std::uint32_t target = static_cast<std::uint32_t>(round) % vcpu_count();
        EXPECT(self.set_affinity(1U << target));
        EXPECT(this_vcpu() == target);
    }
    EXPECT(self.set_affinity(tenon::every_vcpu));
}

GUEST_TEST(vcpus_another_threads_binding_changes_while_it_runs) {
    static std::atomic<bool> stop;
    static std::atomic<std::uint32_t> seen;
    stop = false;
    Thread* spinning = *Thread::create(
        {},
        [](void*) {
            while (!stop.load()) seen.store(this_vcpu());
        },
        nullptr);
    for (std::uint32_t round = 0; round < 100; ++round) {
        const std::uint32_t target = round % vcpu_count();
        EXPECT(spinning->set_affinity(1U << target));
        EXPECT(spin_until([&] { return seen.load() == target; }));
    }
    stop = true;
    Thread::join(*spinning);
}

GUEST_TEST(vcpus_a_spin_lock_excludes) {
    static tenon::SpinLock lock{"of the test"};
    std::uint64_t unprotected = 0;
    constexpr std::uint32_t rounds = 20'000;
    run_threads(2 * vcpu_count(), [&](std::uint32_t) {
        for (std::uint32_t round = 0; round < rounds; ++round) {
            const tenon::SpinLock::Guard guard(lock);
            unprotected = unprotected + 1;
        }
    });
    EXPECT(unprotected == std::uint64_t{rounds} * 2 * vcpu_count());
}

GUEST_TEST(vcpus_a_mutex_excludes) {
    tenon::Mutex mutex;
    std::uint64_t unprotected = 0;
    constexpr std::uint32_t rounds = 20'000;
    run_threads(2 * vcpu_count(), [&](std::uint32_t) {
        for (std::uint32_t round = 0; round < rounds; ++round) {
            mutex.lock();
            unprotected = unprotected + 1;
            mutex.unlock();
        }
    });
    EXPECT(unprotected == std::uint64_t{rounds} * 2 * vcpu_count());
}

GUEST_TEST(vcpus_no_wake_up_between_vcpus_is_lost) {
    constexpr std::uint32_t rounds = 20'000;
    std::vector<tenon::Semaphore> turn(2);
    std::atomic<std::uint32_t> late = 0;
    std::atomic<bool> last = false;
    // Fewer rounds where vCPUs wait for the host's CPUs.
    const Nanoseconds end = in(5'000 * millisecond);
    run_threads(
        2,
        [&](std::uint32_t index) {
            bool done = false;
            for (std::uint32_t round = 1; !done; ++round) {
                if (index == 0) {
                    if (round == rounds || tenon::monotonic_now() > end) last.store(true);
                    turn[1].post();
                }
                if (turn[index].wait(in(limit)) == WaitResult::timed_out) late.fetch_add(1);
                done = last.load();
                if (index == 1) turn[0].post();
            }
        },
        true);
    EXPECT(late.load() == 0);
}

GUEST_TEST(vcpus_a_wait_ends_once_by_its_wake_up_or_its_deadline) {
    constexpr int rounds = 3000;
    std::atomic<std::uint32_t> posted = 0, woken = 0, timed_out = 0;
    tenon::Semaphore semaphore;
    std::atomic<bool> done = false;
    run_threads(2, [&](std::uint32_t index) {
        if (index == 0) {
            for (int round = 0; round < rounds; ++round)
                (semaphore.wait(in(20'000)) == WaitResult::woken ? woken : timed_out).fetch_add(1);
            done.store(true);
            return;
        }
        while (!done.load()) {
            Thread::sleep_until(in(20'000));
            semaphore.post();
            posted.fetch_add(1);
        }
    });
    std::uint32_t left = 0;
    while (semaphore.try_wait()) ++left;
    EXPECT(woken + timed_out == rounds);
    EXPECT(posted == woken + left);
}

GUEST_TEST(vcpus_a_timer_may_be_cancelled_where_it_was_not_started) {
    static std::atomic<std::uint32_t> fired;
    fired = 0;
    std::uint32_t started = 0, cancelled = 0;
    Thread& self = Thread::current();
    for (std::uint32_t round = 0; round < 2000; ++round) {
        // Destroyed at once after the cancelling: a callback that still ran would be seen in the next timer.
        auto timer = std::make_unique<tenon::Timer>([](void*) { fired.fetch_add(1); }, nullptr);
        EXPECT(self.set_affinity(1U << round % vcpu_count()));
        timer->start(in(10'000));
        ++started;
        EXPECT(self.set_affinity(1U << (round + 1) % vcpu_count()));
        if (timer->cancel()) ++cancelled;
        EXPECT(fired + cancelled == started);
    }
    EXPECT(self.set_affinity(tenon::every_vcpu));
}

GUEST_TEST(vcpus_threads_come_and_go_everywhere) {
    const std::uint32_t before = Thread::count();
    std::atomic<std::uint32_t> ran = 0;
    constexpr std::uint32_t rounds = 200;
    run_threads(vcpu_count(), [&](std::uint32_t) {
        for (std::uint32_t round = 0; round < rounds; ++round) {
            Thread* child = *Thread::create(
                {.stack_size = 16384},
                [](void* count) { static_cast<std::atomic<std::uint32_t>*>(count)->fetch_add(1); }, &ran);
            if (round % 2 == 0) Thread::yield();
            Thread::join(*child);
        }
    });
    EXPECT(ran.load() == rounds * vcpu_count());
    EXPECT(Thread::count() == before);
}

GUEST_TEST(vcpus_detached_threads_free_themselves) {
    const std::uint32_t before = Thread::count();
    static std::atomic<std::uint32_t> ended;
    ended = 0;
    constexpr std::uint32_t count = 500;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto thread = Thread::create(
            {.stack_size = 16384}, [](void*) { ended.fetch_add(1); }, nullptr);
        EXPECT(thread.has_value());
        Thread::detach(**thread);
    }
    EXPECT(spin_until([&] { return ended.load() == count && Thread::count() == before; }));
}

GUEST_TEST(vcpus_memory_is_allocated_and_freed_everywhere) {
    std::array<std::atomic<std::byte*>, 64> shared{};
    std::atomic<std::uint32_t> damaged = 0;
    run_threads(2 * vcpu_count(), [&](std::uint32_t index) {
        std::uint64_t random = index + 1;
        for (int round = 0; round < 20'000; ++round) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            const std::size_t size = 16 + (random >> 33) % 2000;
            auto* block = static_cast<std::byte*>(tenon::heap_allocate(size));
            if (block == nullptr) continue;
            const auto mark = static_cast<std::byte>(size);
            block[0] = block[15] = mark;
            // Freed by whoever comes next to this place.
            std::byte* other = shared[random >> 58].exchange(block);
            if (other != nullptr && other[0] != other[15]) damaged.fetch_add(1);
            tenon::heap_free(other);
        }
    });
    for (auto& each : shared) tenon::heap_free(each.load());
    EXPECT(damaged.load() == 0);
}

GUEST_TEST(vcpus_the_clock_never_steps_back_between_vcpus) {
    std::atomic<Nanoseconds> newest = 0;
    std::atomic<std::uint32_t> steps_back = 0;
    run_threads(
        vcpu_count(),
        [&](std::uint32_t) {
            for (int round = 0; round < 100'000; ++round) {
                const Nanoseconds seen = newest.load();
                const Nanoseconds now = tenon::monotonic_now();
                if (now < seen) steps_back.fetch_add(1);
                newest.store(now);
            }
        },
        true);
    EXPECT(steps_back.load() == 0);
}

GUEST_TEST(vcpus_nothing_runs_beside_code_that_runs_alone) {
    std::vector<std::atomic<std::uint64_t>> counters(vcpu_count());
    std::atomic<bool> stop = false;
    std::uint32_t moved = 0;
    std::atomic<std::uint32_t> alone = 0, overlapping = 0;
    run_threads(2 * vcpu_count(), [&](std::uint32_t index) {
        if (index >= 2) {
            while (!stop.load()) counters[index % vcpu_count()].fetch_add(1);
            return;
        }
        // Two of them ask at the same time.
        for (int round = 0; round < 300; ++round)
            tenon::run_alone([&] {
                if (alone.fetch_add(1) != 0) overlapping.fetch_add(1);
                std::uint64_t first = 0, second = 0;
                for (const auto& counter : counters) first += counter.load();
                for (int wait = 0; wait < 200; ++wait) tenon::cpu_relax();
                for (const auto& counter : counters) second += counter.load();
                if (first != second) ++moved;
                alone.fetch_sub(1);
            });
        stop.store(true);
    });
    EXPECT(moved == 0);
    EXPECT(overlapping.load() == 0);
}

GUEST_TEST(vcpus_an_urgent_thread_does_not_wait_for_normal_ones) {
    static std::atomic<bool> stop;
    static std::atomic<std::uint32_t> woken;
    static tenon::Semaphore asked;
    stop = false;
    woken = 0;
    // All vCPUs have more to do than they can; as many urgent threads as there are vCPUs run at once all the same.
    std::vector<Thread*> spinning, urgent;
    for (std::uint32_t i = 0; i < 2 * vcpu_count(); ++i)
        spinning.push_back(*Thread::create(
            {},
            [](void*) {
                while (!stop.load()) tenon::cpu_relax();
            },
            nullptr));
    for (std::uint32_t i = 0; i < vcpu_count(); ++i)
        urgent.push_back(*Thread::create(
            {.priority = Priority::tools},
            [](void*) {
                asked.wait();
                woken.fetch_add(1);
                // Not blocked: each needs a vCPU of its own.
                EXPECT(spin_until([] { return woken.load() == vcpu_count(); }));
            },
            nullptr));
    for (std::uint32_t i = 0; i < vcpu_count(); ++i) asked.post();
    for (Thread* thread : urgent) Thread::join(*thread);
    stop = true;
    for (Thread* thread : spinning) Thread::join(*thread);
    EXPECT(woken.load() == vcpu_count());
}

GUEST_TEST(vcpus_no_thread_starves) {
    const std::uint32_t count = 3 * vcpu_count() + 1;
    std::vector<std::atomic<bool>> ran(count);
    run_threads(count, [&](std::uint32_t index) {
        ran[index].store(true);
        // Nobody gives way: time slices alone let all of them begin.
        EXPECT(spin_until([&] {
            for (const auto& each : ran)
                if (!each.load()) return false;
            return true;
        }));
    });
}
