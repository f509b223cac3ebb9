// SPDX-License-Identifier: Apache-2.0
// C++'s threads, thread_local, mutexes, condition variables, atomics, futures.
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <latch>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

using namespace std::chrono_literals;

namespace {

std::atomic<int> destroyed = 0;

struct Local {
    Local() : value(100) {}
    ~Local() { ++destroyed; }
    int value;
};

thread_local int plain = 7;
thread_local Local constructed;
thread_local std::string text = "fresh";

}  // namespace

GUEST_TEST(thread_locals_are_each_threads_own) {
    plain = 1;
    constructed.value = 1;
    text = "main";
    destroyed = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([i] {
                EXPECT(plain == 7);
                EXPECT(constructed.value == 100);
                EXPECT(text == "fresh");
                plain = constructed.value = i;
                text = std::to_string(i);
                std::this_thread::yield();
                EXPECT(plain == i && constructed.value == i);
                EXPECT(text == std::to_string(i));
            });
    }
    EXPECT(destroyed == 4);
    EXPECT(plain == 1 && constructed.value == 1 && text == "main");
}

GUEST_TEST(a_std_mutex_excludes) {
    std::mutex mutex;
    long counter = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([&] {
                for (int j = 0; j != 2000; ++j) {
                    const std::lock_guard guard(mutex);
                    const long read = counter;
                    if (j % 64 == 0) std::this_thread::yield();
                    counter = read + 1;
                }
            });
    }
    EXPECT(counter == 8000);
}

GUEST_TEST(mutexes_of_every_kind) {
    std::recursive_mutex recursive;
    const std::lock_guard outer(recursive), inner(recursive);
    std::timed_mutex timed;
    timed.lock();
    std::jthread([&] { EXPECT(!timed.try_lock_for(1ms)); }).join();
    timed.unlock();
    std::shared_mutex shared;
    shared.lock_shared();
    std::jthread([&] {
        EXPECT(shared.try_lock_shared());
        EXPECT(!shared.try_lock());
        shared.unlock_shared();
    }).join();
    shared.unlock_shared();
    std::mutex one, other;
    const std::scoped_lock both(one, other);
    EXPECT(!one.try_lock());
}

GUEST_TEST(a_queue_by_condition_variable) {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<int> queue;
    bool ended = false;
    std::atomic<long> sum = 0;
    {
        std::vector<std::jthread> consumers;
        for (int i = 0; i != 3; ++i)
            consumers.emplace_back([&] {
                for (;;) {
                    std::unique_lock lock(mutex);
                    changed.wait(lock, [&] { return ended || !queue.empty(); });
                    if (queue.empty()) return;
                    const int item = queue.front();
                    queue.pop_front();
                    lock.unlock();
                    sum += item;
                }
            });
        for (int item = 1; item <= 3000; ++item) {
            const std::lock_guard guard(mutex);
            queue.push_back(item);
            changed.notify_one();
        }
        const std::lock_guard guard(mutex);
        ended = true;
        changed.notify_all();
    }
    EXPECT(sum == 3000 * 3001 / 2);
}

GUEST_TEST(a_condition_variable_times_out) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    const auto start = std::chrono::steady_clock::now();
    EXPECT(never.wait_for(lock, 3ms) == std::cv_status::timeout);
    EXPECT(std::chrono::steady_clock::now() - start >= 3ms);
    EXPECT(never.wait_until(lock, std::chrono::system_clock::now() + 2ms) == std::cv_status::timeout);
    EXPECT(!never.wait_until(lock, std::chrono::steady_clock::now() - 1s, [] { return false; }));
}

GUEST_TEST(call_once_calls_once_even_after_an_exception) {
    std::once_flag flag;
    int calls = 0;
    EXPECT_THROW(std::call_once(flag,
                                [&] {
                                    ++calls;
                                    throw 1;
                                }),
                 int);
    std::vector<std::jthread> threads;
    for (int i = 0; i != 4; ++i) threads.emplace_back([&] { std::call_once(flag, [&] { ++calls; }); });
    threads.clear();
    EXPECT(calls == 2);
}

GUEST_TEST(static_locals_are_made_once) {
    static std::atomic<int> made = 0;
    struct Slow {
        Slow() {
            std::this_thread::sleep_for(1ms);
            ++made;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i)
            threads.emplace_back([] {
                static const Slow slow;
                EXPECT(made == 1);
            });
    }
    EXPECT(made == 1);
}

GUEST_TEST(latches_barriers_semaphores_and_waiting_on_atomics) {
    std::latch ready(3);
    std::barrier together(3);
    std::counting_semaphore<4> tickets(0);
    std::atomic<int> phase = 0, arrived = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 3; ++i)
            threads.emplace_back([&] {
                ready.count_down();
                phase.wait(0);
                together.arrive_and_wait();
                ++arrived;
                tickets.release();
            });
        ready.wait();
        phase = 1;
        phase.notify_all();
        for (int i = 0; i != 3; ++i) tickets.acquire();
    }
    EXPECT(arrived == 3);
    EXPECT(!tickets.try_acquire_for(1ms));
}

GUEST_TEST(threads_can_be_asked_to_stop) {
    std::atomic<bool> stopped = false;
    {
        std::jthread thread([&](std::stop_token token) {
            while (!token.stop_requested()) std::this_thread::yield();
            stopped = true;
        });
    }
    EXPECT(stopped);
    EXPECT(std::thread::hardware_concurrency() >= 1);
}
