// SPDX-License-Identifier: Apache-2.0
// Clocks and sleeping, by POSIX and by C++.
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "tests/guest/test.h"

using namespace std::chrono_literals;

namespace {

long long nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }

long long now(clockid_t clock) {
    timespec time;
    EXPECT(clock_gettime(clock, &time) == 0);
    return nanoseconds(time);
}

/// The wall clock minus the monotonic one lies between these.
struct Offset {
    long long least, most;
};

/// The narrowest of several attempts: any of them may be preempted.
Offset offset_of_wall_clock() {
    Offset best = {0, 0};
    for (int i = 0; i != 20; ++i) {
        const long long begin = now(CLOCK_MONOTONIC), wall = now(CLOCK_REALTIME), end = now(CLOCK_MONOTONIC);
        if (i == 0 || end - begin < best.most - best.least) best = {wall - end, wall - begin};
    }
    return best;
}

}  // namespace

GUEST_TEST(the_monotonic_clock_never_steps_back) {
    long long last = now(CLOCK_MONOTONIC);
    for (int i = 0; i != 100'000; ++i) {
        const long long next = now(CLOCK_MONOTONIC);
        EXPECT(next >= last);
        last = next;
    }
}

GUEST_TEST(the_wall_clock_is_in_this_century_and_agrees_with_itself) {
    constexpr long long year_2020 = 1'577'836'800;
    const long long by_clock = now(CLOCK_REALTIME);
    timeval by_day;
    EXPECT(gettimeofday(&by_day, nullptr) == 0);
    const long long by_time = time(nullptr);
    EXPECT(by_clock / 1'000'000'000 > year_2020);
    EXPECT(by_day.tv_sec - by_clock / 1'000'000'000 <= 1);
    EXPECT(by_time - by_clock / 1'000'000'000 <= 1);
    const auto by_chrono = std::chrono::system_clock::now().time_since_epoch();
    EXPECT(by_chrono >= std::chrono::nanoseconds(by_clock));
    EXPECT(by_chrono <= std::chrono::nanoseconds(now(CLOCK_REALTIME)));
}

GUEST_TEST(both_clocks_run_alike) {
    const long long begin = now(CLOCK_MONOTONIC);
    const Offset before = offset_of_wall_clock();
    std::this_thread::sleep_for(20ms);
    const Offset after = offset_of_wall_clock();
    const long long tolerance = (now(CLOCK_MONOTONIC) - begin) / 20;
    EXPECT(before.least - after.most < tolerance && after.least - before.most < tolerance);
}

GUEST_TEST(sleeping_takes_its_time) {
    const auto start = std::chrono::steady_clock::now();
    const timespec two_ms = {0, 2'000'000};
    EXPECT(nanosleep(&two_ms, nullptr) == 0);
    EXPECT(usleep(1000) == 0);
    std::this_thread::sleep_for(2ms);
    std::this_thread::sleep_until(start + 6ms);
    EXPECT(std::chrono::steady_clock::now() - start >= 6ms);
}

GUEST_TEST(sleeping_until_a_point_in_time) {
    timespec target;
    clock_gettime(CLOCK_MONOTONIC, &target);
    target.tv_nsec += 3'000'000;
    if (target.tv_nsec >= 1'000'000'000) {
        target.tv_nsec -= 1'000'000'000;
        ++target.tv_sec;
    }
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nullptr) == 0);
    EXPECT(now(CLOCK_MONOTONIC) >= nanoseconds(target));
    EXPECT(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &target, nullptr) == 0);
    const timespec long_ago = {1, 0};
    EXPECT(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &long_ago, nullptr) == 0);
}

GUEST_TEST(wrong_times_and_clocks_are_refused) {
    for (const timespec wrong : {timespec{0, -1}, timespec{0, 1'000'000'000}, timespec{-1, 0}}) {
        EXPECT(nanosleep(&wrong, nullptr) == -1);
        EXPECT(errno == EINVAL);
    }
    const timespec none = {0, 0};
    EXPECT(clock_nanosleep(77, 0, &none, nullptr) == EINVAL);
    timespec time;
    EXPECT(clock_gettime(77, &time) == -1);
    EXPECT(clock_getres(CLOCK_MONOTONIC, &time) == 0);
    EXPECT(nanoseconds(time) == 1);
}

GUEST_TEST(the_wall_clock_can_be_set) {
    const long long before = now(CLOCK_REALTIME), reference = now(CLOCK_MONOTONIC);
    const timespec in_2001 = {1'000'000'000, 0};
    EXPECT(clock_settime(CLOCK_REALTIME, &in_2001) == 0);
    const long long during = now(CLOCK_REALTIME);
    const long long back = before + (now(CLOCK_MONOTONIC) - reference);
    const timespec restored = {static_cast<time_t>(back / 1'000'000'000), static_cast<long>(back % 1'000'000'000)};
    EXPECT(clock_settime(CLOCK_REALTIME, &restored) == 0);
    EXPECT(during / 1'000'000'000 == 1'000'000'000);
    EXPECT(now(CLOCK_REALTIME) >= before);
    EXPECT(clock_settime(CLOCK_MONOTONIC, &in_2001) == -1);
}

GUEST_TEST(the_calendar_is_right) {
    const time_t moment = 1'709'210'096;  // 2024-02-29 12:34:56 UTC
    const tm* date = gmtime(&moment);
    EXPECT(date->tm_year == 124 && date->tm_mon == 1 && date->tm_mday == 29);
    EXPECT(date->tm_hour == 12 && date->tm_min == 34 && date->tm_sec == 56);
    using namespace std::chrono;
    const year_month_day day(floor<days>(system_clock::from_time_t(moment)));
    EXPECT(day == 2024y / February / 29d);
}
