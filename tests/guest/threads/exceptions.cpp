// SPDX-License-Identifier: Apache-2.0
// Exceptions in several threads at once, through the host's libgcc, and state of each thread.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/test.h"

namespace {

/// Throws from `depth` frames below, each with something to destroy.
int throw_from(int depth) {
    const std::string alive(static_cast<std::size_t>(depth), 'x');
    if (depth == 0) throw std::runtime_error("deep");
    return throw_from(depth - 1) + static_cast<int>(alive.size());
}

struct Counted {
    static inline std::atomic<int> made = 0;
    static inline std::atomic<int> gone = 0;
    Counted() { ++made; }
    ~Counted() { ++gone; }
    int value = 0;
};
thread_local Counted counted;
thread_local int initialised = 5;

}  // namespace

GUEST_TEST(exceptions_thrown_in_parallel_are_each_caught_by_their_thread) {
    constexpr int threads = 4;
    constexpr int throws = 5000;
    std::atomic<int> caught = 0;
    {
        std::vector<std::jthread> throwers;
        for (int thread = 0; thread != threads; ++thread)
            throwers.emplace_back([&caught, thread] {
                for (int i = 0; i != throws; ++i) {
                    try {
                        throw_from(1 + (i + thread) % 12);
                    } catch (const std::exception& exception) {
                        if (std::strcmp(exception.what(), "deep") == 0) ++caught;
                    }
                }
            });
    }
    EXPECT(caught == threads * throws);
}

GUEST_TEST(an_exception_travels_through_a_future) {
    auto answer = std::async(std::launch::async, [] { return 6 * 7; });
    EXPECT(answer.get() == 42);
    auto trouble = std::async(std::launch::async, []() -> int { throw std::logic_error("no answer"); });
    EXPECT_THROW(trouble.get(), std::logic_error);
}

GUEST_TEST(a_call_once_that_throws_is_made_again) {
    std::once_flag flag;
    int calls = 0;
    const auto once = [&] {
        std::call_once(flag, [&] {
            if (++calls == 1) throw std::runtime_error("the first time");
        });
    };
    EXPECT_THROW(once(), std::runtime_error);
    once();
    once();
    EXPECT(calls == 2);
}

GUEST_TEST(a_static_object_is_made_once_by_threads_that_come_together) {
    static std::atomic<int> made = 0;
    struct Slow {
        Slow() {
            ++made;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    };
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i) threads.emplace_back([] { static Slow slow; });
    }
    EXPECT(made == 1);
}

GUEST_TEST(each_thread_has_its_own_thread_locals_and_errno) {
    const int made_before = Counted::made;
    const int gone_before = Counted::gone;
    constexpr int threads = 40;
    for (int i = 0; i != threads / 4; ++i) {
        std::vector<std::jthread> together;
        for (int thread = 0; thread != 4; ++thread)
            together.emplace_back([thread] {
                EXPECT(initialised == 5);
                ++initialised;
                counted.value = thread;
                errno = 100 + thread;
                std::this_thread::yield();
                EXPECT(initialised == 6);
                EXPECT(counted.value == thread);
                EXPECT(errno == 100 + thread);
            });
    }
    EXPECT(Counted::made - made_before == threads);
    EXPECT(Counted::gone - gone_before == threads);
}
