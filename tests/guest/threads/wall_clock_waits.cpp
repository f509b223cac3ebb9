// SPDX-License-Identifier: Apache-2.0
// Waits for a time of the wall clock, when that clock is set (POSIX, clock_settime): they end when it has reached their
// time. Waits by the monotonic clock are not moved.
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <semaphore>
#include <shared_mutex>
#include <thread>
#include <vector>

#include "kernel/sched/thread.h"
#include "kernel/time/clock.h"
#include "tests/guest/test.h"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto patience = 10s;

timespec after(clockid_t clock, std::chrono::seconds span) {
    timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += span.count();
    return time;
}

void move_wall_clock(std::chrono::seconds by) {
    const timespec time = after(CLOCK_REALTIME, by);
    EXPECT(clock_settime(CLOCK_REALTIME, &time) == 0);
}

/// Objects to wait for, which only free() releases.
class Held {
public:
    Held() {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&monotonic_condition, &attributes);
        sem_init(&posix_semaphore, 0, 0);
        pthread_mutex_lock(&posix_mutex);
        pthread_rwlock_wrlock(&posix_rwlock);
        timed_mutex.lock();
        shared_mutex.lock();
    }
    void free() {
        freed = true;
        sem_post(&posix_semaphore);
        pthread_mutex_unlock(&posix_mutex);
        pthread_rwlock_unlock(&posix_rwlock);
        timed_mutex.unlock();
        shared_mutex.unlock();
        semaphore.release();
        promise.set_value();
    }
    /// To be repeated, because a thread may check `freed` just before it waits.
    void wake() {
        pthread_cond_broadcast(&condition);
        pthread_cond_broadcast(&monotonic_condition);
        cxx_condition.notify_all();
    }

    std::atomic<bool> freed = false;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_cond_t monotonic_condition;
    sem_t posix_semaphore;
    pthread_mutex_t posix_mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_rwlock_t posix_rwlock = PTHREAD_RWLOCK_INITIALIZER;
    std::mutex cxx_mutex;
    std::condition_variable cxx_condition;
    std::timed_mutex timed_mutex;
    std::shared_timed_mutex shared_mutex;
    std::binary_semaphore semaphore{0};
    std::promise<void> promise;
    std::shared_future<void> future = promise.get_future().share();
};

/// Waits on a condition until it times out or is freed. True if it timed out.
template <typename Wait>
bool wait_on_condition(Held& held, Wait&& wait) {
    pthread_mutex_lock(&held.mutex);
    int result = 0;
    while (result == 0 && !held.freed) result = wait();
    pthread_mutex_unlock(&held.mutex);
    return result == ETIMEDOUT;
}

/// True if the lock was not free before the deadline.
bool times_out(int result) { return result == ETIMEDOUT; }

/// True: the wait ended because its time had come.
using Wait = bool (*)(Held& held, std::chrono::seconds span);

/// Without std::counting_semaphore: libstdc++ converts its deadlines to the monotonic clock, on Linux too.
constexpr Wait wall_clock_waits[] = {
    [](Held&, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, nullptr) == 0;
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return wait_on_condition(held, [&] { return pthread_cond_timedwait(&held.condition, &held.mutex, &at); });
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return wait_on_condition(
            held, [&] { return pthread_cond_clockwait(&held.monotonic_condition, &held.mutex, CLOCK_REALTIME, &at); });
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return sem_timedwait(&held.posix_semaphore, &at) == -1 && errno == ETIMEDOUT;
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return times_out(pthread_mutex_timedlock(&held.posix_mutex, &at));
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return times_out(pthread_rwlock_timedrdlock(&held.posix_rwlock, &at));
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_REALTIME, span);
        return times_out(pthread_rwlock_timedwrlock(&held.posix_rwlock, &at));
    },
    [](Held& held, std::chrono::seconds span) {
        std::unique_lock lock(held.cxx_mutex);
        return !held.cxx_condition.wait_until(lock, system_clock::now() + span, [&] { return held.freed.load(); });
    },
    [](Held&, std::chrono::seconds span) {
        std::this_thread::sleep_until(system_clock::now() + span);
        return true;
    },
    [](Held& held, std::chrono::seconds span) { return !held.timed_mutex.try_lock_until(system_clock::now() + span); },
    [](Held& held, std::chrono::seconds span) {
        return !held.shared_mutex.try_lock_shared_until(system_clock::now() + span);
    },
    [](Held& held, std::chrono::seconds span) {
        return held.future.wait_until(system_clock::now() + span) == std::future_status::timeout;
    },
};

constexpr Wait monotonic_waits[] = {
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_MONOTONIC, span);
        return wait_on_condition(held,
                                 [&] { return pthread_cond_timedwait(&held.monotonic_condition, &held.mutex, &at); });
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_MONOTONIC, span);
        return wait_on_condition(
            held, [&] { return pthread_cond_clockwait(&held.condition, &held.mutex, CLOCK_MONOTONIC, &at); });
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_MONOTONIC, span);
        const bool timed_out = sem_clockwait(&held.posix_semaphore, CLOCK_MONOTONIC, &at) == -1;
        if (!timed_out) sem_post(&held.posix_semaphore);
        return timed_out;
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_MONOTONIC, span);
        const bool timed_out = times_out(pthread_mutex_clocklock(&held.posix_mutex, CLOCK_MONOTONIC, &at));
        if (!timed_out) pthread_mutex_unlock(&held.posix_mutex);
        return timed_out;
    },
    [](Held& held, std::chrono::seconds span) {
        const timespec at = after(CLOCK_MONOTONIC, span);
        const bool timed_out = times_out(pthread_rwlock_clockwrlock(&held.posix_rwlock, CLOCK_MONOTONIC, &at));
        if (!timed_out) pthread_rwlock_unlock(&held.posix_rwlock);
        return timed_out;
    },
    [](Held& held, std::chrono::seconds span) {
        std::unique_lock lock(held.cxx_mutex);
        return !held.cxx_condition.wait_until(lock, steady_clock::now() + span, [&] { return held.freed.load(); });
    },
    [](Held& held, std::chrono::seconds span) {
        std::unique_lock lock(held.cxx_mutex);
        return !held.cxx_condition.wait_for(lock, span, [&] { return held.freed.load(); });
    },
    [](Held& held, std::chrono::seconds span) {
        const bool locked = held.timed_mutex.try_lock_for(span);
        if (locked) held.timed_mutex.unlock();
        return !locked;
    },
    [](Held& held, std::chrono::seconds span) {
        const bool locked = held.shared_mutex.try_lock_for(span);
        if (locked) held.shared_mutex.unlock();
        return !locked;
    },
    [](Held& held, std::chrono::seconds span) {
        const bool taken = held.semaphore.try_acquire_for(span);
        if (taken) held.semaphore.release();
        return !taken;
    },
    [](Held& held, std::chrono::seconds span) { return held.future.wait_for(span) == std::future_status::timeout; },
};

constexpr char waiting_name[] = "waits";

std::size_t blocked_waiters() {
    std::array<tenon::Thread::Information, 100> threads;
    const std::size_t count = tenon::Thread::list(threads);
    std::size_t blocked = 0;
    for (const auto& each : std::span(threads).first(count))
        blocked += each.state == tenon::Thread::State::blocked && std::string_view(each.name) == waiting_name;
    return blocked;
}

template <typename Condition>
bool comes_true(Condition&& condition) {
    const auto end = steady_clock::now() + patience;
    while (!condition()) {
        if (steady_clock::now() > end) return false;
        std::this_thread::yield();
    }
    return true;
}

/// A thread for each kind of wait, all for an hour from when it begins.
class Waiters {
public:
    explicit Waiters(std::span<const Wait> waits) : count_(waits.size()), timed_out_(waits.size()) {
        for (std::size_t i = 0; i != waits.size(); ++i)
            threads_.emplace_back([this, i, wait = waits[i]] {
                pthread_setname_np(pthread_self(), waiting_name);
                timed_out_[i] = wait(held_, 1h);
                ++ended_;
            });
    }
    ~Waiters() {
        if (ended_ != count_) {
            held_.free();
            comes_true([this] {
                held_.wake();
                return ended_ == count_;
            });
        }
        threads_.clear();
    }
    Waiters(const Waiters&) = delete;
    Waiters& operator=(const Waiters&) = delete;

    [[nodiscard]] bool all_ended() const { return ended_ == count_; }
    [[nodiscard]] std::size_t ended() const { return ended_; }
    [[nodiscard]] bool all_timed_out() const {
        return std::ranges::all_of(timed_out_, [](const std::atomic<bool>& each) { return each.load(); });
    }

private:
    std::size_t count_;
    Held held_;
    std::vector<std::atomic<bool>> timed_out_;
    std::atomic<std::size_t> ended_ = 0;
    std::vector<std::jthread> threads_;
};

/// Restores the platform's wall clock at the end, whatever happened.
struct WallClockRestored {
    ~WallClockRestored() { tenon::take_platform_realtime(); }
};

}  // namespace

GUEST_TEST(waits_for_a_wall_clock_time_follow_the_clock_when_it_is_set) {
    const WallClockRestored restored;
    Waiters monotonic(monotonic_waits);
    Waiters wall(wall_clock_waits);
    constexpr std::size_t all = std::size(monotonic_waits) + std::size(wall_clock_waits);
    EXPECT(comes_true([] { return blocked_waiters() == all; }));
    // Set back: all waits get longer, and after half of that none has ended.
    move_wall_clock(-1h);
    move_wall_clock(90min);
    EXPECT(comes_true([] { return blocked_waiters() == all; }));
    EXPECT(wall.ended() == 0);
    move_wall_clock(31min);
    EXPECT(comes_true([&] { return wall.all_ended(); }));
    EXPECT(wall.all_timed_out());
    EXPECT(monotonic.ended() == 0);
    EXPECT(comes_true([] { return blocked_waiters() == std::size(monotonic_waits); }));
}

GUEST_TEST(a_wait_for_a_wall_clock_time_that_is_set_back_goes_on) {
    const WallClockRestored restored;
    std::atomic<bool> ended = false;
    std::jthread waiter([&] {
        pthread_setname_np(pthread_self(), waiting_name);
        std::this_thread::sleep_until(system_clock::now() + 100ms);
        ended = true;
    });
    EXPECT(comes_true([] { return blocked_waiters() == 1; }));
    move_wall_clock(-1h);
    // Longer than it would have waited by the clock as it was.
    std::this_thread::sleep_for(150ms);
    EXPECT(!ended);
    move_wall_clock(1h);
    EXPECT(comes_true([&] { return ended.load(); }));
}

GUEST_TEST(the_times_of_the_wall_clock_are_reached_in_order) {
    std::atomic<int> place = 0;
    std::array<int, 3> places = {};
    {
        const auto begin = system_clock::now();
        std::vector<std::jthread> threads;
        for (int i = 2; i >= 0; --i)
            threads.emplace_back([&, i] {
                // On one vCPU: several might wake them in another order.
                tenon::Thread::current().set_affinity(1);
                std::this_thread::sleep_until(begin + 10ms * (i + 1));
                places[static_cast<std::size_t>(i)] = ++place;
            });
    }
    EXPECT(places == std::array{1, 2, 3});
    const auto begin = system_clock::now();
    std::this_thread::sleep_until(begin + 5ms);
    EXPECT(system_clock::now() >= begin + 5ms);
}
