// SPDX-License-Identifier: Apache-2.0
// eventfd, timerfd and signalfd.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

#include "../check.h"

namespace {

int ready(int fd, int timeout_ms = 0) {
    pollfd one{fd, POLLIN | POLLOUT, 0};
    poll(&one, 1, timeout_ms);
    return one.revents;
}

}  // namespace

CONFORMANCE(event_counters) {
    const conformance::Descriptor event(eventfd(3, EFD_NONBLOCK));
    std::uint64_t value = 0;
    VALUE("ready", ready(event));
    CALL("read", read(event, &value, sizeof(value)));
    VALUE("the first count", value);
    CALL("read of 0", read(event, &value, sizeof(value)));
    VALUE("at 0", ready(event));
    value = 5;
    CALL("write", write(event, &value, sizeof(value)));
    CALL("write again", write(event, &value, sizeof(value)));
    CALL("eventfd_read", eventfd_read(event, &value));
    VALUE("the sum", value);
    CALL("read of 4 bytes", read(event, &value, 4));
    CALL("write of 4 bytes", write(event, &value, 4));
    value = UINT64_MAX;
    CALL("write of too much", write(event, &value, sizeof(value)));
    CALL("eventfd_write up to the limit", eventfd_write(event, UINT64_MAX - 1));
    VALUE("at the limit", ready(event));
    CALL("eventfd_write beyond it", eventfd_write(event, 1));
    CALL("lseek", lseek(event, 0, SEEK_SET));
    CALL("with a wrong flag", eventfd(0, 0x40));

    const conformance::Descriptor semaphore(eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE | EFD_CLOEXEC));
    VALUE("FD_CLOEXEC", fcntl(semaphore, F_GETFD));
    for (int i = 0; i != 3; ++i) {
        value = 0;
        CALL("read of a semaphore", read(semaphore, &value, sizeof(value)));
        VALUE("one", value);
    }

    const conformance::Descriptor waiting(eventfd(0, 0));
    std::thread writer([&] { eventfd_write(waiting, 7); });
    CALL("a read that waits", eventfd_read(waiting, &value));
    VALUE("what was written", value);
    writer.join();
}

CONFORMANCE(timer_files) {
    const conformance::Descriptor timer(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
    std::uint64_t count = 0;
    itimerspec value = {}, old = {};
    VALUE("not started", ready(timer));
    CALL("read", read(timer, &count, sizeof(count)));
    CALL("gettime", timerfd_gettime(timer, &old));
    VALUE("nothing left", old.it_value.tv_sec + old.it_value.tv_nsec);
    value.it_value.tv_nsec = 1'000'000;
    CALL("once", timerfd_settime(timer, 0, &value, &old));
    VALUE("expires", ready(timer, 10'000));
    CALL("read of 4 bytes", read(timer, &count, 4));
    CALL("read once", read(timer, &count, sizeof(count)));
    VALUE("times", count);
    CALL("read twice", read(timer, &count, sizeof(count)));
    value.it_interval.tv_nsec = 1'000'000;
    CALL("again and again", timerfd_settime(timer, 0, &value, nullptr));
    std::uint64_t total = 0;
    while (total < 5 && ready(timer, 10'000) != 0)
        if (read(timer, &count, sizeof(count)) == sizeof(count)) total += count;
    VALUE("five times", total >= 5);
    value = {};
    CALL("stop", timerfd_settime(timer, 0, &value, &old));
    VALUE("the interval that it had", old.it_interval.tv_nsec);
    VALUE("stopped", ready(timer));
    value.it_value.tv_sec = 1000;
    CALL("in a long time", timerfd_settime(timer, 0, &value, nullptr));
    CALL("gettime of that", timerfd_gettime(timer, &old));
    VALUE("left", old.it_value.tv_sec == 999 || old.it_value.tv_sec == 1000);
    value = {};
    value.it_value.tv_nsec = 1;
    CALL("absolute, in the past", timerfd_settime(timer, TFD_TIMER_ABSTIME, &value, nullptr));
    VALUE("expires at once", ready(timer, 10'000));
    CALL("write", write(timer, &count, sizeof(count)));

    const conformance::Descriptor wall(timerfd_create(CLOCK_REALTIME, 0));
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    value.it_value = {now.tv_sec, now.tv_nsec};
    CALL("of the wall clock", timerfd_settime(wall, TFD_TIMER_ABSTIME, &value, nullptr));
    CALL("a read that waits", read(wall, &count, sizeof(count)));
    VALUE("once again", count);

    value.it_value.tv_nsec = 1'000'000'000;
    CALL("a wrong time", timerfd_settime(timer, 0, &value, nullptr));
    CALL("a wrong flag", timerfd_settime(timer, 0x40, &value, nullptr));
    CALL("no timer", timerfd_settime(0, 0, &old, nullptr));
    CALL("no descriptor", timerfd_gettime(-1, &old));
    CALL("a wrong clock", timerfd_create(77, 0));
    CALL("a wrong flag of create", timerfd_create(CLOCK_MONOTONIC, 0x40));
}

CONFORMANCE(signal_files) {
    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &before);
    const conformance::Descriptor file(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    signalfd_siginfo record[3] = {};
    VALUE("record", sizeof(record[0]));
    VALUE("nothing pending", ready(file));
    CALL("read", read(file, record, sizeof(record)));
    kill(getpid(), SIGUSR2);
    raise(SIGUSR1);
    VALUE("two pending", ready(file));
    CALL("read of too few bytes", read(file, record, sizeof(record[0]) - 1));
    CALL("read of both", read(file, record, sizeof(record)));
    VALUE("signals", record[0].ssi_signo + record[1].ssi_signo == SIGUSR1 + SIGUSR2);
    VALUE("none left", ready(file));
    sigqueue(getpid(), SIGUSR1, {.sival_int = 42});
    CALL("read a queued one", read(file, record, sizeof(record)));
    VALUE("its value", record[0].ssi_int);
    VALUE("its code", record[0].ssi_code);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    VALUE("another mask", signalfd(file, &set, 0) == file);
    raise(SIGUSR1);
    VALUE("no longer of the mask", ready(file));
    std::thread sender([] { kill(getpid(), SIGUSR2); });
    VALUE("poll waits for one", ready(file, 10'000));
    sender.join();
    CALL("read it", read(file, record, sizeof(record)));
    CALL("of no signalfd", signalfd(0, &set, 0));
    CALL("of no descriptor", signalfd(1000, &set, 0));
    CALL("with a wrong flag", signalfd(-1, &set, 0x40));
    // Takes what is still pending.
    sigaddset(&set, SIGUSR1);
    const timespec none = {0, 0};
    CALL("left pending", sigtimedwait(&set, nullptr, &none) == SIGUSR1 ? 0 : -1);
    sigprocmask(SIG_SETMASK, &before, nullptr);
}
