// SPDX-License-Identifier: Apache-2.0
// epoll: level and edge, once, exclusive, nested.
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "../check.h"

namespace {

int control(int epoll, int operation, int fd, std::uint32_t events, std::uint64_t data = 0) {
    epoll_event event = {};
    event.events = events;
    event.data.u64 = data;
    return epoll_ctl(epoll, operation, fd, &event);
}

/// "data:events ..." of what is ready now, in the order of the data.
std::string ready(int epoll, int timeout_ms = 0) {
    epoll_event events[16];
    const int count = epoll_wait(epoll, events, 16, timeout_ms);
    if (count < 0) return conformance::error_name(errno);
    std::vector<std::string> all(16);
    for (int i = 0; i < count; ++i)
        all[events[i].data.u64 % 16] +=
            std::to_string(events[i].data.u64) + ":" + std::to_string(events[i].events) + " ";
    std::string text;
    for (const std::string& each : all) text += each;
    return text;
}

struct Pipe {
    Pipe() {
        if (pipe2(fd, O_NONBLOCK) != 0) fd[0] = fd[1] = -1;
    }
    ~Pipe() {
        close(fd[0]);
        close(fd[1]);
    }
    void put() const {
        if (write(fd[1], "x", 1) != 1) return;
    }
    void take() const {
        char byte;
        if (read(fd[0], &byte, 1) != 1) return;
    }
    int fd[2];
};

void do_nothing(int) {}

}  // namespace

CONFORMANCE(epoll_control) {
    const conformance::Descriptor epoll(epoll_create1(EPOLL_CLOEXEC));
    VALUE("FD_CLOEXEC", fcntl(epoll, F_GETFD));
    CALL("create1 with a wrong flag", epoll_create1(1));
    CALL("create of size 0", epoll_create(0));
    const Pipe pipe;
    CALL("add", control(epoll, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN));
    CALL("add twice", control(epoll, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN));
    const conformance::Descriptor again(dup(pipe.fd[0]));
    CALL("add a duplicate", control(epoll, EPOLL_CTL_ADD, again, EPOLLIN));
    CALL("change what is not there", control(epoll, EPOLL_CTL_MOD, pipe.fd[1], EPOLLIN));
    CALL("remove what is not there", control(epoll, EPOLL_CTL_DEL, pipe.fd[1], 0));
    CALL("remove", epoll_ctl(epoll, EPOLL_CTL_DEL, pipe.fd[0], nullptr));
    CALL("remove twice", control(epoll, EPOLL_CTL_DEL, pipe.fd[0], 0));
    CALL("a wrong operation", control(epoll, 77, pipe.fd[0], EPOLLIN));
    CALL("no event", epoll_ctl(epoll, EPOLL_CTL_ADD, pipe.fd[0], nullptr));
    CALL("itself", control(epoll, EPOLL_CTL_ADD, epoll, EPOLLIN));
    CALL("no descriptor", control(epoll, EPOLL_CTL_ADD, -1, EPOLLIN));
    CALL("to no descriptor", control(-1, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN));
    CALL("to no epoll", control(pipe.fd[0], EPOLL_CTL_ADD, pipe.fd[1], EPOLLIN));
    const conformance::Descriptor file(open("text.txt", O_RDONLY));
    CALL("a file", control(epoll, EPOLL_CTL_ADD, file, EPOLLIN));
    const conformance::Descriptor directory(open("/", O_RDONLY));
    CALL("a directory", control(epoll, EPOLL_CTL_ADD, directory, EPOLLIN));
    epoll_event events[4];
    CALL("wait for none", epoll_wait(epoll, events, 0, 0));
    CALL("wait for less than none", epoll_wait(epoll, events, -1, 0));
    CALL("wait of no epoll", epoll_wait(pipe.fd[0], events, 4, 0));
    CALL("wait of no descriptor", epoll_wait(-1, events, 4, 0));
    CALL("read", read(epoll, events, sizeof(events)));
    CALL("write", write(epoll, events, sizeof(events)));
    CALL("a time", epoll_wait(epoll, events, 4, 1));
    const timespec short_time = {0, 1'000'000}, wrong = {0, 1'000'000'000};
    CALL("pwait2", epoll_pwait2(epoll, events, 4, &short_time, nullptr));
    CALL("pwait2 with a wrong time", epoll_pwait2(epoll, events, 4, &wrong, nullptr));
}

CONFORMANCE(epoll_level) {
    const conformance::Descriptor epoll(epoll_create1(0));
    const Pipe one, other;
    control(epoll, EPOLL_CTL_ADD, one.fd[0], EPOLLIN, 1);
    control(epoll, EPOLL_CTL_ADD, other.fd[0], EPOLLIN, 2);
    control(epoll, EPOLL_CTL_ADD, other.fd[1], EPOLLOUT, 3);
    VALUE("a writer", ready(epoll));
    one.put();
    VALUE("a byte", ready(epoll));
    VALUE("as long as it is there", ready(epoll));
    other.put();
    VALUE("two", ready(epoll));
    one.take();
    VALUE("one of them", ready(epoll));
    CALL("change to nothing", control(epoll, EPOLL_CTL_MOD, other.fd[0], 0, 2));
    VALUE("without it", ready(epoll));
    CALL("change back", control(epoll, EPOLL_CTL_MOD, other.fd[0], EPOLLIN | EPOLLRDNORM, 5));
    VALUE("with other data", ready(epoll));
    CALL("remove", control(epoll, EPOLL_CTL_DEL, other.fd[0], 0));
    VALUE("removed", ready(epoll));
    epoll_event events[1];
    one.put();
    VALUE("one at a time", epoll_wait(epoll, events, 1, 0));
    const auto first = events[0].data.u64;
    VALUE("the other at the next", epoll_wait(epoll, events, 1, 0));
    VALUE("is another", events[0].data.u64 != first);
}

CONFORMANCE(epoll_edge_and_once) {
    const conformance::Descriptor epoll(epoll_create1(0));
    const Pipe pipe;
    control(epoll, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN | EPOLLET, 1);
    pipe.put();
    VALUE("an edge", ready(epoll));
    VALUE("once", ready(epoll));
    pipe.put();
    VALUE("another byte", ready(epoll));
    pipe.take();
    VALUE("a read is none", ready(epoll));
    CALL("set anew", control(epoll, EPOLL_CTL_MOD, pipe.fd[0], EPOLLIN | EPOLLET, 2));
    VALUE("a byte is there", ready(epoll));
    pipe.take();
    CALL("one shot", control(epoll, EPOLL_CTL_MOD, pipe.fd[0], EPOLLIN | EPOLLONESHOT, 3));
    pipe.put();
    VALUE("the shot", ready(epoll));
    pipe.put();
    VALUE("no second one", ready(epoll));
    CALL("loaded", control(epoll, EPOLL_CTL_MOD, pipe.fd[0], EPOLLIN | EPOLLONESHOT, 4));
    VALUE("the next shot", ready(epoll));

    // An edge of writing: from full to half empty.
    const Pipe full;
    const std::vector<char> much(70'000);
    control(epoll, EPOLL_CTL_ADD, full.fd[1], EPOLLOUT | EPOLLET, 7);
    VALUE("writable", ready(epoll));
    if (write(full.fd[1], much.data(), much.size()) < 0) return;
    VALUE("full", ready(epoll));
    std::vector<char> taken(60'000);
    if (read(full.fd[0], taken.data(), taken.size()) < 0) return;
    VALUE("writable again", ready(epoll));
}

CONFORMANCE(epoll_ends) {
    const conformance::Descriptor epoll(epoll_create1(0));
    int ends[2];
    if (pipe(ends) != 0) return;
    control(epoll, EPOLL_CTL_ADD, ends[0], EPOLLIN, 1);
    close(ends[1]);
    VALUE("the writer has gone", ready(epoll));
    const int kept = dup(ends[0]);
    close(ends[0]);
    VALUE("closed, with a duplicate", ready(epoll));
    close(kept);
    VALUE("closed", ready(epoll));

    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return;
    control(epoll, EPOLL_CTL_ADD, pair[0], EPOLLIN | EPOLLRDHUP | EPOLLET, 2);
    VALUE("connected", ready(epoll));
    shutdown(pair[1], SHUT_WR);
    VALUE("EPOLLRDHUP", ready(epoll));
    close(pair[1]);
    VALUE("EPOLLHUP", ready(epoll));
    close(pair[0]);
    VALUE("nothing left", ready(epoll));
}

CONFORMANCE(epoll_nested) {
    const conformance::Descriptor outer(epoll_create1(0)), inner(epoll_create1(0));
    const Pipe pipe;
    control(inner, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN, 1);
    CALL("nest", control(outer, EPOLL_CTL_ADD, inner, EPOLLIN, 2));
    CALL("a cycle", control(inner, EPOLL_CTL_ADD, outer, EPOLLIN, 3));
    CALL("exclusive", control(outer, EPOLL_CTL_ADD, inner, EPOLLIN | EPOLLEXCLUSIVE, 3));
    VALUE("quiet", ready(outer));
    pipe.put();
    VALUE("through both", ready(outer));
    VALUE("inside", ready(inner));
    VALUE("still there", ready(outer));
    pipe.take();
    VALUE("taken", ready(outer));

    conformance::Descriptor chain[6] = {
        conformance::Descriptor(epoll_create1(0)), conformance::Descriptor(epoll_create1(0)),
        conformance::Descriptor(epoll_create1(0)), conformance::Descriptor(epoll_create1(0)),
        conformance::Descriptor(epoll_create1(0)), conformance::Descriptor(epoll_create1(0))};
    bool fails = false;
    for (int i = 1; i != 6; ++i) fails |= control(chain[i], EPOLL_CTL_ADD, chain[i - 1], EPOLLIN) != 0;
    VALUE("too deep", fails);
}

CONFORMANCE(epoll_exclusive) {
    const conformance::Descriptor one(epoll_create1(0)), other(epoll_create1(0));
    const Pipe pipe;
    CALL("add", control(one, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN | EPOLLEXCLUSIVE, 1));
    CALL("add to the other", control(other, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN | EPOLLEXCLUSIVE, 2));
    CALL("change", control(one, EPOLL_CTL_MOD, pipe.fd[0], EPOLLIN, 1));
    const Pipe wrong;
    CALL("with one shot", control(one, EPOLL_CTL_ADD, wrong.fd[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 1));
    // Threads that wait: at least one wakes, and takes the byte.
    std::atomic<int> taken = 0;
    const conformance::Descriptor stop(eventfd(0, 0));
    for (const int epoll : {int{one}, int{other}}) control(epoll, EPOLL_CTL_ADD, stop, EPOLLIN, 9);
    std::vector<std::thread> threads;
    for (const int epoll : {int{one}, int{other}})
        threads.emplace_back([&taken, &pipe, epoll] {
            for (;;) {
                epoll_event event;
                if (epoll_wait(epoll, &event, 1, 20'000) != 1 || event.data.u64 == 9) return;
                char byte;
                if (read(pipe.fd[0], &byte, 1) == 1) ++taken;
            }
        });
    for (int i = 1; i <= 200; ++i) {
        pipe.put();
        for (int turn = 0; taken != i && turn != 1'000'000; ++turn) sched_yield();
    }
    eventfd_write(stop, 1);
    for (std::thread& thread : threads) thread.join();
    VALUE("taken", taken.load());
}

CONFORMANCE(epoll_waits) {
    const conformance::Descriptor epoll(epoll_create1(0));
    const Pipe pipe;
    control(epoll, EPOLL_CTL_ADD, pipe.fd[0], EPOLLIN, 1);
    std::thread writer([&] { pipe.put(); });
    VALUE("a wait", ready(epoll, 20'000));
    writer.join();
    pipe.take();

    // What is added while a thread waits counts too.
    const conformance::Descriptor event(eventfd(1, 0));
    std::thread adder([&] { control(epoll, EPOLL_CTL_ADD, event, EPOLLIN, 2); });
    VALUE("added while it waits", ready(epoll, 20'000));
    adder.join();
    control(epoll, EPOLL_CTL_DEL, event, 0);

    struct sigaction action = {};
    action.sa_handler = do_nothing;
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR1, &action, nullptr);
    std::atomic<bool> done = false;
    const pthread_t self = pthread_self();
    std::thread killer([&] {
        while (!done) {
            pthread_kill(self, SIGUSR1);
            sched_yield();
        }
    });
    VALUE("a signal", ready(epoll, 20'000));
    done = true;
    killer.join();
    sigset_t block, none;
    sigemptyset(&block);
    sigemptyset(&none);
    sigaddset(&block, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &block, nullptr);
    raise(SIGUSR1);
    epoll_event events[1];
    CALL("pwait lets a pending signal in", epoll_pwait(epoll, events, 1, 20'000, &none));
    CALL("pwait without a mask", epoll_pwait(epoll, events, 1, 0, nullptr));
    pthread_sigmask(SIG_UNBLOCK, &block, nullptr);
    signal(SIGUSR1, SIG_DFL);

    // Many threads in one epoll: each event goes to one of them, or to few.
    constexpr int count = 8;
    std::atomic<int> woken = 0;
    const conformance::Descriptor counter(eventfd(0, EFD_SEMAPHORE | EFD_NONBLOCK));
    control(epoll, EPOLL_CTL_ADD, counter, EPOLLIN, 3);
    std::vector<std::thread> threads;
    for (int i = 0; i != count; ++i)
        threads.emplace_back([&] {
            eventfd_t value;
            epoll_event event;
            while (epoll_wait(epoll, &event, 1, 20'000) == 1)
                if (eventfd_read(counter, &value) == 0) {
                    ++woken;
                    return;
                }
        });
    eventfd_write(counter, count);
    for (std::thread& thread : threads) thread.join();
    VALUE("every thread has one", woken.load());
}
