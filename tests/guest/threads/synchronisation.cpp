// SPDX-License-Identifier: Apache-2.0
// The standard library's locks, conditions and clocks on the kernel's threads.
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <latch>
#include <memory>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

template <typename Body>
void in_threads(int count, Body body) {
    std::vector<std::jthread> threads;
    for (int i = 0; i != count; ++i) threads.emplace_back(body);
}

}  // namespace

GUEST_TEST(mutexes_exclude) {
    constexpr int threads = 4;
    constexpr int rounds = 20'000;
    std::mutex mutex;
    std::recursive_mutex recursive;
    int plain = 0;
    int nested = 0;
    in_threads(threads, [&] {
        for (int i = 0; i != rounds; ++i) {
            {
                const std::lock_guard guard(mutex);
                ++plain;
            }
            const std::lock_guard outer(recursive);
            const std::lock_guard inner(recursive);
            ++nested;
        }
    });
    EXPECT(plain == threads * rounds);
    EXPECT(nested == threads * rounds);
}

GUEST_TEST(a_shared_mutex_admits_readers_together_and_writers_alone) {
    std::shared_mutex mutex;
    std::atomic<bool> writing = false;
    int writes = 0;
    in_threads(4, [&] {
        for (int i = 0; i != 8000; ++i) {
            if (i % 8 == 0) {
                const std::unique_lock lock(mutex);
                EXPECT(!writing.exchange(true));
                ++writes;
                writing = false;
            } else {
                const std::shared_lock lock(mutex);
                EXPECT(!writing);
            }
        }
    });
    EXPECT(writes == 4 * 1000);
}

GUEST_TEST(a_timed_lock_gives_up_at_its_deadline) {
    std::timed_mutex mutex;
    mutex.lock();
    std::jthread([&] {
        const auto begin = Clock::now();
        EXPECT(!mutex.try_lock_for(20ms));
        const auto waited = Clock::now() - begin;
        EXPECT(waited >= 20ms);
        EXPECT(!mutex.try_lock_until(std::chrono::system_clock::now() + 10ms));
    }).join();
    mutex.unlock();
    EXPECT(mutex.try_lock());
    mutex.unlock();
}

GUEST_TEST(a_condition_variable_carries_a_bounded_queue) {
    constexpr int items = 20'000;
    std::mutex mutex;
    std::condition_variable filled, emptied;
    std::vector<int> queue;
    bool finished = false;
    long sum = 0;
    {
        std::vector<std::jthread> consumers;
        for (int i = 0; i != 3; ++i)
            consumers.emplace_back([&] {
                for (;;) {
                    std::unique_lock lock(mutex);
                    filled.wait(lock, [&] { return !queue.empty() || finished; });
                    if (queue.empty()) return;
                    sum += queue.back();
                    queue.pop_back();
                    emptied.notify_one();
                }
            });
        for (int item = 1; item <= items; ++item) {
            std::unique_lock lock(mutex);
            emptied.wait(lock, [&] { return queue.size() < 16; });
            queue.push_back(item);
            filled.notify_one();
        }
        const std::lock_guard guard(mutex);
        finished = true;
        filled.notify_all();
    }
    EXPECT(sum == static_cast<long>(items) * (items + 1) / 2);
}

GUEST_TEST(a_condition_variable_times_out) {
    std::mutex mutex;
    std::condition_variable condition;
    std::unique_lock lock(mutex);
    const auto begin = Clock::now();
    EXPECT(condition.wait_for(lock, 20ms) == std::cv_status::timeout);
    EXPECT(Clock::now() - begin >= 20ms);
}

GUEST_TEST(a_condition_variable_may_be_destroyed_right_after_a_broadcast) {
    for (int i = 0; i != 200; ++i) {
        auto condition = std::make_unique<std::condition_variable>();
        std::mutex mutex;
        bool go = false;
        std::jthread waiter([&, waited_on = condition.get()] {
            std::unique_lock lock(mutex);
            waited_on->wait(lock, [&] { return go; });
        });
        std::this_thread::yield();
        {
            const std::lock_guard guard(mutex);
            go = true;
            condition->notify_all();
        }
        condition.reset();
    }
}

GUEST_TEST(barriers_latches_semaphores_and_waiting_atomics) {
    constexpr int threads = 4;
    std::counting_semaphore<threads> ended(0);
    std::barrier round(threads);
    std::latch start(threads);
    std::atomic<int> arrivals = 0;
    in_threads(threads, [&] {
        start.arrive_and_wait();
        for (int i = 1; i <= 100; ++i) {
            ++arrivals;
            round.arrive_and_wait();
            EXPECT(arrivals == threads * i);
            round.arrive_and_wait();
        }
        ended.release();
    });
    for (int i = 0; i != threads; ++i) ended.acquire();
    EXPECT(!ended.try_acquire_for(2ms));

    std::atomic<int> word = 0;
    std::jthread waiter([&] {
        word.wait(0);
        EXPECT(word == 1);
    });
    for (int i = 0; i != 100; ++i) std::this_thread::yield();  // most likely it blocks by now; either way it must end
    word = 1;
    word.notify_all();
}

GUEST_TEST(a_stop_token_ends_a_thread) {
    std::jthread sleeper([](const std::stop_token& token) {
        while (!token.stop_requested()) std::this_thread::sleep_for(1ms);
    });
    sleeper.request_stop();
    sleeper.join();
}

GUEST_TEST(the_clocks_go_on_and_sleep_takes_its_time) {
    const auto wall = std::chrono::system_clock::now();
    const auto begin = Clock::now();
    std::this_thread::sleep_for(15ms);
    const auto slept = Clock::now() - begin;
    EXPECT(slept >= 15ms);
    EXPECT(std::chrono::system_clock::now() > wall);
}
