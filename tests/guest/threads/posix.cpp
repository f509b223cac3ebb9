// SPDX-License-Identifier: Apache-2.0
// Functions of POSIX threads that the standard library lacks.
#include <pthread.h>
#include <semaphore.h>
#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <thread>

#include "tests/guest/test.h"

namespace {

template <typename Body>
void in_other_thread(Body body) {
    std::jthread(body).join();
}

void* to_pointer(std::uintptr_t value) { return reinterpret_cast<void*>(value); }

}  // namespace

GUEST_TEST(an_error_checking_mutex_says_what_is_wrong) {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    EXPECT(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
    pthread_mutex_t mutex;
    pthread_mutex_init(&mutex, &attributes);
    EXPECT(pthread_mutex_lock(&mutex) == 0);
    EXPECT(pthread_mutex_lock(&mutex) == EDEADLK);
    in_other_thread([&] {
        EXPECT(pthread_mutex_unlock(&mutex) == EPERM);
        EXPECT(pthread_mutex_trylock(&mutex) == EBUSY);
    });
    EXPECT(pthread_mutex_destroy(&mutex) == EBUSY);
    EXPECT(pthread_mutex_unlock(&mutex) == 0);
    EXPECT(pthread_mutex_unlock(&mutex) == EPERM);
    EXPECT(pthread_mutex_destroy(&mutex) == 0);
}

GUEST_TEST(a_recursive_mutex_is_free_after_as_many_unlocks) {
    pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER;
    for (int i = 0; i != 3; ++i) EXPECT(pthread_mutex_lock(&mutex) == 0);
    for (int i = 0; i != 2; ++i) EXPECT(pthread_mutex_unlock(&mutex) == 0);
    in_other_thread([&] { EXPECT(pthread_mutex_trylock(&mutex) == EBUSY); });
    EXPECT(pthread_mutex_unlock(&mutex) == 0);
    in_other_thread([&] {
        EXPECT(pthread_mutex_trylock(&mutex) == 0);
        EXPECT(pthread_mutex_unlock(&mutex) == 0);
    });
}

GUEST_TEST(a_deadline_that_is_no_time_is_refused_and_one_in_the_past_has_passed) {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    const timespec no_time{.tv_sec = 0, .tv_nsec = 2'000'000'000};
    const timespec past{.tv_sec = 1, .tv_nsec = 0};
    // One that is free is locked whatever the deadline.
    EXPECT(pthread_mutex_timedlock(&mutex, &past) == 0);
    in_other_thread([&] {
        EXPECT(pthread_mutex_timedlock(&mutex, &no_time) == EINVAL);
        EXPECT(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT);
        EXPECT(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &past) == ETIMEDOUT || past.tv_sec > 0);
    });
    pthread_mutex_unlock(&mutex);
}

GUEST_TEST(a_value_under_a_key_is_the_threads_own_and_is_destroyed) {
    static std::atomic<std::uintptr_t> destroyed = 0;
    pthread_key_t key;
    EXPECT(pthread_key_create(&key, [](void* value) { destroyed += reinterpret_cast<std::uintptr_t>(value); }) == 0);
    for (int i = 0; i != 3; ++i)
        in_other_thread([&] {
            EXPECT(pthread_getspecific(key) == nullptr);
            EXPECT(pthread_setspecific(key, to_pointer(2)) == 0);
            EXPECT(pthread_getspecific(key) == to_pointer(2));
        });
    EXPECT(destroyed == 6);
    // A key that is made again does not show the old key's values.
    pthread_setspecific(key, to_pointer(1));
    EXPECT(pthread_key_delete(key) == 0);
    EXPECT(pthread_key_delete(key) == EINVAL);
    pthread_key_t again;
    EXPECT(pthread_key_create(&again, nullptr) == 0);
    EXPECT(pthread_getspecific(again) == nullptr);
    pthread_key_delete(again);
}

GUEST_TEST(pthread_exit_runs_the_cleanups_and_gives_the_result) {
    static int cleaned = 0;
    pthread_t thread;
    const auto body = [](void* argument) -> void* {
        pthread_setname_np(pthread_self(), "worker");
        pthread_cleanup_push([](void* count) { ++*static_cast<int*>(count); }, &cleaned);
        pthread_exit(argument);
        pthread_cleanup_pop(0);
        return nullptr;
    };
    EXPECT(pthread_create(&thread, nullptr, body, to_pointer(77)) == 0);
    void* result = nullptr;
    EXPECT(pthread_join(thread, &result) == 0);
    EXPECT(result == to_pointer(77));
    EXPECT(cleaned == 1);
    EXPECT(pthread_join(pthread_self(), &result) == EDEADLK);
}

GUEST_TEST(detached_threads_leave_by_themselves) {
    static sem_t ended;
    sem_init(&ended, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    EXPECT(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED) == 0);
    EXPECT(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN - 1) == EINVAL);
    EXPECT(pthread_attr_setstacksize(&attributes, 65536) == 0);
    const auto post = [](void*) -> void* {
        sem_post(&ended);
        return nullptr;
    };
    constexpr int threads = 100;
    pthread_t thread;
    for (int i = 0; i != threads; ++i) {
        EXPECT(pthread_create(&thread, i % 2 == 0 ? &attributes : nullptr, post, nullptr) == 0);
        if (i % 2 != 0) EXPECT(pthread_detach(thread) == 0);
    }
    for (int i = 0; i != threads; ++i) EXPECT(sem_wait(&ended) == 0);
    errno = 0;
    EXPECT(sem_trywait(&ended) == -1 && errno == EAGAIN);
    sem_destroy(&ended);
}

GUEST_TEST(a_reader_may_read_twice_and_keeps_writers_out) {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    EXPECT(pthread_rwlock_rdlock(&lock) == 0);
    EXPECT(pthread_rwlock_rdlock(&lock) == 0);
    EXPECT(pthread_rwlock_trywrlock(&lock) == EBUSY);
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    EXPECT(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &now) == ETIMEDOUT);
    EXPECT(pthread_rwlock_unlock(&lock) == 0);
    EXPECT(pthread_rwlock_unlock(&lock) == 0);
    EXPECT(pthread_rwlock_wrlock(&lock) == 0);
    EXPECT(pthread_rwlock_tryrdlock(&lock) == EBUSY);
    EXPECT(pthread_rwlock_unlock(&lock) == 0);
    EXPECT(pthread_rwlock_destroy(&lock) == 0);
}

GUEST_TEST(one_thread_of_each_round_is_the_barriers_serial_one) {
    constexpr unsigned threads = 3;
    constexpr int rounds = 200;
    pthread_barrier_t barrier;
    EXPECT(pthread_barrier_init(&barrier, nullptr, 0) == EINVAL);
    EXPECT(pthread_barrier_init(&barrier, nullptr, threads) == 0);
    std::atomic<int> serial = 0;
    {
        const auto body = [&] {
            for (int i = 0; i != rounds; ++i)
                if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) ++serial;
        };
        const std::jthread one(body), two(body), three(body);
    }
    EXPECT(serial == rounds);
    EXPECT(pthread_barrier_destroy(&barrier) == 0);
}

GUEST_TEST(a_thread_takes_a_priority_and_gives_it_back) {
    sched_param parameters{.sched_priority = 20};
    EXPECT(pthread_setschedparam(pthread_self(), SCHED_RR, &parameters) == 0);
    int policy = SCHED_OTHER;
    sched_param found{};
    EXPECT(pthread_getschedparam(pthread_self(), &policy, &found) == 0);
    EXPECT(policy == SCHED_RR && found.sched_priority == 20);
    parameters.sched_priority = sched_get_priority_max(SCHED_RR) + 1;
    EXPECT(pthread_setschedparam(pthread_self(), SCHED_RR, &parameters) == EINVAL);
    parameters.sched_priority = 0;
    EXPECT(pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters) == 0);
}
