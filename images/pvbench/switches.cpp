// SPDX-License-Identifier: Apache-2.0
// Switches between two threads.
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include <thread>

#include "measures.h"
#include "system.h"

namespace pvbench {

namespace {

constexpr int turns = 1000;

/// Nanoseconds a switch of two threads, on the CPUs `first` and `second`, that each do body(number) `turns` times.
template <typename Body>
double time_of_pair(unsigned first, unsigned second, Body body) {
    sem_t started;
    sem_init(&started, 0, 0);
    std::uint64_t begin = 0, end = 0;
    std::thread other([&] {
        system::bind_to_processor(second);
        sem_wait(&started);
        for (int i = 0; i != turns; ++i) body(1);
    });
    std::thread one([&] {
        system::bind_to_processor(first);
        sem_post(&started);
        begin = now_ns();
        for (int i = 0; i != turns; ++i) body(0);
        end = now_ns();
    });
    one.join();
    other.join();
    sem_destroy(&started);
    return static_cast<double>(end - begin) / (2.0 * turns);
}

constexpr Plan pair_plan{.samples = 100, .warm_up = 5};

Outcome wake_in_turn(const Options& options, unsigned first, unsigned second) {
    return take_samples(options, pair_plan, [=] {
        sem_t turn[2];
        sem_init(&turn[0], 0, 1);
        sem_init(&turn[1], 0, 0);
        const double time = time_of_pair(first, second, [&](int number) {
            sem_wait(&turn[number]);
            sem_post(&turn[1 - number]);
        });
        for (sem_t& semaphore : turn) sem_destroy(&semaphore);
        return time;
    });
}

}  // namespace

Outcome switch_by_yield(const Options& options) {
    return take_samples(options, pair_plan, [] { return time_of_pair(0, 0, [](int) { sched_yield(); }); });
}

Outcome switch_by_wake(const Options& options) { return wake_in_turn(options, 0, 0); }

Outcome wake_other_processor(const Options& options) {
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) return LeaveOut("the machine has one CPU");
    return wake_in_turn(options, 0, 1);
}

}  // namespace pvbench
