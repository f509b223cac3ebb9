// SPDX-License-Identifier: Apache-2.0
// Timers that send signals.
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../check.h"

namespace {

volatile int taken = 0;
volatile int value = 0;
void count(int) { taken = taken + 1; }
void note(int, siginfo_t* signal, void*) {
    taken = taken + 1;
    value = signal->si_value.sival_int;
}

/// Until the signal has come that many times.
bool wait_for(int times) {
    for (int turn = 0; turn != 10'000 && taken < times; ++turn) {
        const timespec pause = {0, 1'000'000};
        nanosleep(&pause, nullptr);
    }
    return taken >= times;
}

}  // namespace

CONFORMANCE(alarms) {
    taken = 0;
    signal(SIGALRM, count);
    itimerval timer = {{0, 1000}, {0, 1000}}, old = {};
    CALL("setitimer", setitimer(ITIMER_REAL, &timer, nullptr));
    VALUE("three times", wait_for(3));
    CALL("getitimer", getitimer(ITIMER_REAL, &old));
    VALUE("its interval", static_cast<long>(old.it_interval.tv_usec));
    timer = {};
    CALL("stop", setitimer(ITIMER_REAL, &timer, &old));
    VALUE("the former interval", static_cast<long>(old.it_interval.tv_usec));
    CALL("getitimer of none", getitimer(ITIMER_REAL, &old));
    VALUE("nothing left", static_cast<long>(old.it_value.tv_sec + old.it_value.tv_usec));
    CALL("alarm", alarm(100));
    CALL("another alarm", alarm(0));
    CALL("no alarm", alarm(0));
    CALL("a wrong kind", setitimer(static_cast<decltype(ITIMER_REAL)>(9), &timer, nullptr));
    timer.it_value.tv_usec = 1'000'000;
    CALL("a wrong time", setitimer(ITIMER_REAL, &timer, nullptr));
    taken = 0;
    // Blocked until the wait: it must not come before.
    sigset_t block, none;
    sigemptyset(&none);
    sigemptyset(&block);
    sigaddset(&block, SIGALRM);
    sigprocmask(SIG_BLOCK, &block, nullptr);
    alarm(1);
    CALL("sigsuspend", sigsuspend(&none));
    VALUE("alarmed", int{taken});
    sigprocmask(SIG_UNBLOCK, &block, nullptr);
    signal(SIGALRM, SIG_DFL);
}

CONFORMANCE(timers) {
    taken = 0;
    struct sigaction action = {};
    action.sa_sigaction = note;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, nullptr);
    sigevent event = {};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGUSR1;
    event.sigev_value.sival_int = 17;
    timer_t timer;
    CALL("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
    itimerspec spec = {{}, {0, 1'000'000}}, old = {};
    CALL("once", timer_settime(timer, 0, &spec, &old));
    VALUE("comes", wait_for(1));
    VALUE("with its value", int{value});
    CALL("gettime", timer_gettime(timer, &old));
    VALUE("nothing left", old.it_value.tv_sec + old.it_value.tv_nsec);
    spec.it_interval.tv_nsec = 1'000'000;
    taken = 0;
    CALL("again and again", timer_settime(timer, 0, &spec, nullptr));
    VALUE("comes three times", wait_for(3));
    spec = {};
    CALL("stop", timer_settime(timer, 0, &spec, &old));
    VALUE("its interval", old.it_interval.tv_nsec);
    spec.it_value.tv_nsec = 1'000'000'000;
    CALL("a wrong time", timer_settime(timer, 0, &spec, nullptr));
    spec.it_value = {0, 1};
    taken = 0;
    CALL("absolute, in the past", timer_settime(timer, TIMER_ABSTIME, &spec, nullptr));
    VALUE("comes at once", wait_for(1));
    VALUE("overrun", timer_getoverrun(timer));
    CALL("delete", timer_delete(timer));
    timer_t silent;
    event.sigev_notify = SIGEV_NONE;
    CALL("without a signal", timer_create(CLOCK_REALTIME, &event, &silent));
    spec = {{}, {1000, 0}};
    CALL("in a long time", timer_settime(silent, 0, &spec, nullptr));
    CALL("gettime of that", timer_gettime(silent, &old));
    VALUE("left", old.it_value.tv_sec == 999 || old.it_value.tv_sec == 1000);
    timer_delete(silent);
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = 99;
    CALL("a wrong signal", timer_create(CLOCK_MONOTONIC, &event, &timer));
    CALL("a wrong clock", timer_create(static_cast<clockid_t>(77), nullptr, &timer));
    signal(SIGUSR1, SIG_DFL);
}
