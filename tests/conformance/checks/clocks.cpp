// SPDX-License-Identifier: Apache-2.0
// Clocks, sleeping, the calendar.
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "../check.h"

using namespace conformance;

namespace {

long long nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000LL + time.tv_nsec; }
long long now(clockid_t clock) {
    timespec time = {};
    clock_gettime(clock, &time);
    return nanoseconds(time);
}
timespec after(clockid_t clock, long long span) {
    const long long at = now(clock) + span;
    return {static_cast<time_t>(at / 1'000'000'000), static_cast<long>(at % 1'000'000'000)};
}

}  // namespace

CONFORMANCE(clocks) {
    timespec time = {};
    for (const auto& [name, clock] : {std::pair{"realtime", CLOCK_REALTIME},
                                      {"monotonic", CLOCK_MONOTONIC},
                                      {"wrong", static_cast<clockid_t>(77)},
                                      {"below zero", static_cast<clockid_t>(-77)}}) {
        const std::string of = name;
        CALL("clock_gettime " + of, clock_gettime(clock, &time));
        CALL("clock_getres " + of, clock_getres(clock, &time));
        CALL("clock_getres " + of + " for nobody", clock_getres(clock, nullptr));
        const timespec short_time = {0, 1000}, past = {0, 1000}, wrong = {0, 1'000'000'000}, negative = {-1, 0};
        CODE("clock_nanosleep " + of, clock_nanosleep(clock, 0, &short_time, nullptr));
        CODE("clock_nanosleep until, " + of, clock_nanosleep(clock, TIMER_ABSTIME, &past, nullptr));
        CODE("clock_nanosleep of a wrong time, " + of, clock_nanosleep(clock, 0, &wrong, nullptr));
        CODE("clock_nanosleep of a time below zero, " + of, clock_nanosleep(clock, 0, &negative, nullptr));
    }
    VALUE("resolution in ns", nanoseconds(time) <= 1'000'000);
    VALUE("monotonic goes on", [] {
        const auto before = now(CLOCK_MONOTONIC);
        return now(CLOCK_MONOTONIC) >= before;
    }());
    const timespec any = {1, 0};
    CALL("clock_settime monotonic", clock_settime(CLOCK_MONOTONIC, &any));
    CALL("clock_settime wrong", clock_settime(static_cast<clockid_t>(77), &any));
    const timespec wrong = {0, -1};
    CALL("clock_settime to a wrong time", clock_settime(CLOCK_REALTIME, &wrong));
    timeval day = {};
    CALL("gettimeofday", gettimeofday(&day, nullptr));
    VALUE("the same second", std::abs(day.tv_sec - now(CLOCK_REALTIME) / 1'000'000'000) <= 1);
    time_t seconds = 0;
    VALUE("time", ::time(&seconds) == seconds && std::abs(seconds - day.tv_sec) <= 1);
    VALUE("times", times(nullptr) != static_cast<clock_t>(-1));
    VALUE("clock", clock() != static_cast<clock_t>(-1));
    VALUE("CLOCKS_PER_SEC", CLOCKS_PER_SEC == 1'000'000);
    VALUE("clock ticks", sysconf(_SC_CLK_TCK) > 0);
}

CONFORMANCE(processor_time) {
    timespec time = {};
    for (const clockid_t clock : {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID}) {
        CALL("clock_getres", clock_getres(clock, &time));
        VALUE("its resolution", nanoseconds(time));
        CALL("clock_settime", clock_settime(clock, &time));
        const long long begin = now(clock);
        bool backwards = false;
        for (long long last = begin, current = last; current < begin + 5'000'000; last = current) {
            current = now(clock);
            if (current < last) backwards = true;
        }
        VALUE("backwards", backwards);
        const long long before = now(clock);
        const timespec nap = {0, 20'000'000};
        nanosleep(&nap, nullptr);
        VALUE("asleep it stands still", now(clock) - before < 15'000'000);
    }
    CODE("clock_nanosleep of the thread's", clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &time, nullptr));
    clockid_t clock = 0;
    CODE("clock_getcpuclockid", clock_getcpuclockid(0, &clock));
    VALUE("the process's", now(clock) > 0);
    CODE("clock_getcpuclockid of itself by number", clock_getcpuclockid(getpid(), &clock));
    CODE("clock_getcpuclockid of nobody", clock_getcpuclockid(99'999'999, &clock));
    // Another thread's clock goes on while this one sleeps, and is its own.
    std::atomic<bool> stop = false;
    std::thread busy([&] {
        while (!stop) {
        }
    });
    CODE("pthread_getcpuclockid", pthread_getcpuclockid(busy.native_handle(), &clock));
    const long long mine = now(CLOCK_THREAD_CPUTIME_ID);
    while (now(clock) < 20'000'000) usleep(1000);
    VALUE("not this thread's", now(CLOCK_THREAD_CPUTIME_ID) - mine < 15'000'000);
    VALUE("the process's has both", now(CLOCK_PROCESS_CPUTIME_ID) >= now(clock));
    stop = true;
    busy.join();
    rusage all = {}, thread = {};
    CALL("getrusage", getrusage(RUSAGE_SELF, &all));
    CALL("getrusage of the thread", getrusage(RUSAGE_THREAD, &thread));
    VALUE("some time", all.ru_utime.tv_sec + all.ru_utime.tv_usec > 0);
    VALUE("less of the thread",
          thread.ru_utime.tv_sec * 1'000'000 + thread.ru_utime.tv_usec + thread.ru_stime.tv_usec +
                  thread.ru_stime.tv_sec <=
              (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * 1'000'000 + all.ru_utime.tv_usec + all.ru_stime.tv_usec);
    VALUE("memory", all.ru_maxrss > 0);
    CALL("getrusage of children", getrusage(RUSAGE_CHILDREN, &all));
    VALUE("of which there are none", all.ru_utime.tv_sec + all.ru_utime.tv_usec);
    CALL("getrusage of something else", getrusage(77, &all));
    CALL("getrusage, nowhere", getrusage(RUSAGE_SELF, nullptr));
}

CONFORMANCE(sleeping) {
    const timespec two_ms = {0, 2'000'000}, wrong = {0, 1'000'000'000}, negative = {0, -1}, below_zero = {-1, 0};
    timespec left = {7, 7};
    const long long begin = now(CLOCK_MONOTONIC);
    CALL("nanosleep", nanosleep(&two_ms, &left));
    VALUE("leaves what remains alone", left.tv_sec == 7 && left.tv_nsec == 7);
    VALUE("takes its time", now(CLOCK_MONOTONIC) - begin >= 2'000'000);
    CALL("of a wrong time", nanosleep(&wrong, nullptr));
    CALL("of nanoseconds below zero", nanosleep(&negative, nullptr));
    CALL("of seconds below zero", nanosleep(&below_zero, nullptr));
    CALL("usleep", usleep(1000));
    CALL("sleep of nothing", sleep(0));
    const timespec at = after(CLOCK_REALTIME, 2'000'000);
    CODE("until a wall-clock time", clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &at, nullptr));
    VALUE("which it is then", now(CLOCK_REALTIME) >= nanoseconds(at));
    const auto later = std::chrono::system_clock::now() + std::chrono::milliseconds(2);
    std::this_thread::sleep_until(later);
    VALUE("sleep_until by the wall clock", std::chrono::system_clock::now() >= later);
    std::this_thread::sleep_until(std::chrono::system_clock::time_point(std::chrono::seconds(-5)));
    std::this_thread::sleep_until(
        std::chrono::time_point<std::chrono::system_clock, std::chrono::hours>(std::chrono::hours(1)));
    VALUE("sleep_until the past", true);
}

CONFORMANCE(calendar) {
    for (const long long moment :
         {0LL, 951'782'400LL, 1'709'210'096LL, 2'147'483'648LL, -1LL, 4'102'444'800LL, 253'402'300'799LL}) {
        const auto seconds = static_cast<time_t>(moment);
        tm broken = {};
        gmtime_r(&seconds, &broken);
        char text[100];
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %a %b %j %U %W %u %y %e %I %p %% %D %T", &broken);
        report(std::to_string(moment), text);
        VALUE("and back", mktime(&broken) == seconds);
        report("asctime", std::string_view(asctime_r(&broken, text)).substr(0, 24));
        report("ctime", std::string_view(ctime_r(&seconds, text)).substr(0, 24));
    }
    tm late = {};
    late.tm_year = 124;
    late.tm_mon = 13;
    late.tm_mday = 35;
    late.tm_hour = -5;
    VALUE("mktime puts in order", static_cast<long long>(mktime(&late)));
    VALUE("the month", late.tm_mon);
    VALUE("the day", late.tm_mday);
    VALUE("difftime", difftime(10, 3));
    tm parsed = {};
    const char* rest = strptime("2024-02-29 12:34:56 rest", "%Y-%m-%d %H:%M:%S", &parsed);
    VALUE("strptime", rest != nullptr ? std::string_view(rest) : "nothing");
    VALUE("its year", parsed.tm_year);
    POINTER("strptime of something else", strptime("x", "%Y", &parsed));
}
