// SPDX-License-Identifier: Apache-2.0
// Signals that a program sends itself.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "../check.h"

using namespace conformance;

namespace {

volatile sig_atomic_t count, depth, deepest, last_number, last_code, last_value, was_from_here, blocked_itself,
    blocked_other;

void note(int number) {
    count = count + 1;
    last_number = number;
}

/// Notes the mask while it runs, and how deep a handler that raises its own signal nests.
void look_at_mask(int number) {
    note(number);
    depth = depth + 1;
    if (depth > deepest) deepest = depth;
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    blocked_itself = sigismember(&mask, number);
    blocked_other = sigismember(&mask, SIGUSR2);
    if (count < 3) raise(number);
    depth = depth - 1;
}

void look_at_information(int number, siginfo_t* information, void*) {
    note(number);
    last_code = information->si_code <= 0;
    last_value = information->si_value.sival_int;
    was_from_here =
        information->si_signo == number && information->si_pid == getpid() && information->si_uid == getuid();
}

void reset() {
    for (volatile sig_atomic_t* each : {&count, &depth, &deepest, &last_number, &last_code, &last_value, &was_from_here,
                                        &blocked_itself, &blocked_other})
        *each = 0;
}

struct Action : sigaction {
    explicit Action(void (*handler)(int), int flags = 0) : sigaction{} {
        sa_handler = handler;
        sa_flags = flags;
    }
    explicit Action(void (*handler)(int, siginfo_t*, void*), int flags = SA_SIGINFO) : sigaction{} {
        sa_sigaction = handler;
        sa_flags = flags;
    }
};

int install(int number, const struct sigaction& action) { return sigaction(number, &action, nullptr); }

sigset_t set_of(std::initializer_list<int> numbers) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    return set;
}
int block(std::initializer_list<int> numbers, int how = SIG_BLOCK) {
    const sigset_t set = set_of(numbers);
    return sigprocmask(how, &set, nullptr);
}
bool is_pending(int number) {
    sigset_t set;
    sigpending(&set);
    return sigismember(&set, number) == 1;
}

}  // namespace

CONFORMANCE(signal_sets) {
    sigset_t set;
    CALL("sigemptyset", sigemptyset(&set));
    CALL("in none", sigismember(&set, SIGUSR1));
    CALL("sigaddset", sigaddset(&set, SIGUSR1));
    CALL("in it", sigismember(&set, SIGUSR1));
    CALL("another", sigismember(&set, SIGUSR2));
    CALL("sigdelset", sigdelset(&set, SIGUSR1));
    CALL("not any more", sigismember(&set, SIGUSR1));
    CALL("sigfillset", sigfillset(&set));
    CALL("in all", sigismember(&set, SIGTERM));
    CALL("the last", sigismember(&set, SIGRTMAX));
    for (const int wrong : {0, -1, 65, 1000}) {
        CALL("sigaddset of a wrong one", sigaddset(&set, wrong));
        CALL("sigdelset of a wrong one", sigdelset(&set, wrong));
        CALL("sigismember of a wrong one", sigismember(&set, wrong));
    }
    for (const auto& [name, number] : {std::pair{"SIGHUP", SIGHUP},
                                       {"SIGABRT", SIGABRT},
                                       {"SIGBUS", SIGBUS},
                                       {"SIGUSR1", SIGUSR1},
                                       {"SIGUSR2", SIGUSR2},
                                       {"SIGCHLD", SIGCHLD},
                                       {"SIGWINCH", SIGWINCH},
                                       {"SIGSYS", SIGSYS},
                                       {"SIGRTMIN", SIGRTMIN},
                                       {"SIGRTMAX", SIGRTMAX},
                                       {"NSIG", NSIG}})
        VALUE(name, number);
}

CONFORMANCE(signal_actions) {
    reset();
    struct sigaction old = {};
    VALUE("signal gives the default", signal(SIGUSR1, note) == SIG_DFL);
    CALL("raise", raise(SIGUSR1));
    CALL("raise again: the handler stays", raise(SIGUSR1));
    VALUE("was called", count);
    VALUE("with its number", last_number == SIGUSR1);
    VALUE("signal gives the handler", signal(SIGUSR1, SIG_IGN) == note);
    CALL("raise of an ignored one", raise(SIGUSR1));
    VALUE("was not called", count);
    CALL("sigaction", install(SIGUSR1, Action(note)));
    for (int i = 0; i != 3; ++i) CALL("raise", raise(SIGUSR1));
    VALUE("was called each time", count);
    CALL("sigaction reads", sigaction(SIGUSR1, nullptr, &old));
    VALUE("the handler", old.sa_handler == note);
    CALL("once only", install(SIGUSR1, Action(note, SA_RESETHAND)));
    CALL("raise", raise(SIGUSR1));
    sigaction(SIGUSR1, nullptr, &old);
    VALUE("the default then", old.sa_handler == SIG_DFL);
    CALL("sigaction with information", install(SIGUSR1, Action(look_at_information)));
    sigaction(SIGUSR1, nullptr, &old);
    VALUE("its flag", (old.sa_flags & SA_SIGINFO) != 0);
    VALUE("its function", old.sa_sigaction == look_at_information);
    CALL("raise", raise(SIGUSR1));
    VALUE("from a program", last_code);
    VALUE("from here", was_from_here);
    CALL("kill", kill(getpid(), SIGUSR1));
    VALUE("from here, too", was_from_here);
    CALL("sigqueue", sigqueue(getpid(), SIGUSR1, sigval{.sival_int = 42}));
    VALUE("with a value", last_value);
    VALUE("kill of nobody", kill(getpid(), 0));
    CALL("kill with a wrong number", kill(getpid(), 65));
    CALL("kill of another", kill(99'999'999, 0));
    CALL("raise of a wrong number", raise(65));
    CALL("sigqueue with a wrong number", sigqueue(getpid(), 65, sigval{}));
    CALL("sigqueue of another", sigqueue(99'999'999, SIGUSR1, sigval{}));
    CALL("sigaction of a wrong number", install(65, Action(note)));
    CALL("sigaction of number 0", install(0, Action(note)));
    CALL("sigaction of SIGKILL", install(SIGKILL, Action(note)));
    CALL("sigaction of SIGSTOP", install(SIGSTOP, Action(SIG_IGN)));
    CALL("reading of SIGKILL", sigaction(SIGKILL, nullptr, &old));
    VALUE("signal of SIGKILL", signal(SIGKILL, note) == SIG_ERR);
    VALUE("signal of a wrong number", signal(65, note) == SIG_ERR);
    for (const int harmless : {SIGCHLD, SIGURG, SIGWINCH, SIGCONT}) CALL("raise of a harmless one", raise(harmless));
    signal(SIGUSR1, SIG_DFL);
}

CONFORMANCE(signal_masks) {
    reset();
    install(SIGUSR1, Action(look_at_mask));
    raise(SIGUSR1);
    VALUE("in its handler a signal waits", deepest);
    VALUE("and comes then", count);
    VALUE("blocked in its handler", blocked_itself);
    VALUE("another is not", blocked_other);
    reset();
    install(SIGUSR1, Action(look_at_mask, SA_NODEFER));
    raise(SIGUSR1);
    VALUE("SA_NODEFER: it nests", deepest);
    VALUE("not blocked in its handler", blocked_itself);
    reset();
    Action with_mask(look_at_mask);
    with_mask.sa_mask = set_of({SIGUSR2});
    install(SIGUSR1, with_mask);
    count = 10;
    raise(SIGUSR1);
    VALUE("sa_mask", blocked_other);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    VALUE("afterwards neither is blocked", sigismember(&mask, SIGUSR1) + sigismember(&mask, SIGUSR2));

    reset();
    install(SIGUSR1, Action(note));
    CALL("block", block({SIGUSR1}));
    CALL("raise of a blocked one", raise(SIGUSR1));
    CALL("and again", raise(SIGUSR1));
    VALUE("not yet", count);
    VALUE("pending", is_pending(SIGUSR1));
    CALL("unblock", block({SIGUSR1}, SIG_UNBLOCK));
    VALUE("once", count);
    VALUE("not pending any more", is_pending(SIGUSR1));
    block({SIGUSR1});
    raise(SIGUSR1);
    signal(SIGUSR1, SIG_IGN);
    VALUE("to ignore it forgets it", is_pending(SIGUSR1));
    raise(SIGUSR1);
    VALUE("ignored and blocked it waits", is_pending(SIGUSR1));
    block({}, SIG_SETMASK);
    VALUE("and is gone", is_pending(SIGUSR1));
    VALUE("without a call", count);
    CALL("SIGKILL cannot be blocked", block({SIGKILL, SIGSTOP}));
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    VALUE("nor is it", sigismember(&mask, SIGKILL));
    const sigset_t set = set_of({SIGUSR1});
    CALL("wrong how", sigprocmask(77, &set, nullptr));
    CALL("wrong how and no set", sigprocmask(77, nullptr, &mask));
    CODE("pthread_sigmask", pthread_sigmask(SIG_BLOCK, &set, &mask));
    CODE("pthread_sigmask, wrong how", pthread_sigmask(77, &set, nullptr));
    block({}, SIG_SETMASK);

    reset();
    install(SIGRTMIN, Action(look_at_information));
    block({SIGRTMIN});
    for (const int value : {1, 2, 3}) sigqueue(getpid(), SIGRTMIN, sigval{.sival_int = value});
    block({}, SIG_SETMASK);
    VALUE("real-time signals queue", count);
    VALUE("last in line or first", last_value == 3 || last_value == 1);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGRTMIN, SIG_DFL);
}

CONFORMANCE(signal_waits) {
    reset();
    install(SIGUSR1, Action(note));
    block({SIGUSR1, SIGUSR2});
    raise(SIGUSR1);
    sigset_t set = set_of({});
    CALL("sigsuspend", sigsuspend(&set));
    VALUE("has let it through", count);
    sigprocmask(SIG_BLOCK, nullptr, &set);
    VALUE("the mask is back", sigismember(&set, SIGUSR1));
    raise(SIGUSR1);
    int number = 0;
    set = set_of({SIGUSR1, SIGUSR2});
    CODE("sigwait", sigwait(&set, &number));
    VALUE("gives it", number == SIGUSR1);
    VALUE("without a call", count);
    siginfo_t information = {};
    sigqueue(getpid(), SIGUSR2, sigval{.sival_int = 7});
    VALUE("sigwaitinfo", sigwaitinfo(&set, &information) == SIGUSR2);
    VALUE("its value", information.si_value.sival_int);
    VALUE("its code", information.si_code == SI_QUEUE);
    const timespec soon = {0, 2'000'000}, wrong = {0, 1'000'000'000};
    CALL("sigtimedwait for nothing", sigtimedwait(&set, &information, &soon));
    CALL("sigtimedwait, wrong time", sigtimedwait(&set, &information, &wrong));
    raise(SIGUSR1);
    VALUE("sigtimedwait", sigtimedwait(&set, nullptr, &soon) == SIGUSR1);
    // The mask of these lets a signal through that is pending.
    sigset_t none = set_of({});
    raise(SIGUSR1);
    CALL("pselect", pselect(0, nullptr, nullptr, nullptr, nullptr, &none));
    VALUE("was called", count);
    block({}, SIG_SETMASK);
}

CONFORMANCE(signals_between_threads) {
    reset();
    install(SIGUSR1, Action(note));
    sigset_t blocked = set_of({SIGUSR1}), none = set_of({});
    sigprocmask(SIG_SETMASK, &blocked, nullptr);
    std::atomic<int> step = 0;
    int suspended = 0, slept = 0;
    timespec left = {};
    bool inherited = false;
    std::thread thread([&] {
        sigset_t mask;
        pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        inherited = sigismember(&mask, SIGUSR1) == 1;
        step = 1;
        suspended = sigsuspend(&none) == -1 ? errno : 0;
        pthread_sigmask(SIG_SETMASK, &none, nullptr);
        step = 2;
        const timespec hour = {3600, 0};
        slept = nanosleep(&hour, &left) == -1 ? errno : 0;
        step = 3;
        while (step != 4) std::this_thread::yield();
    });
    const auto reached = [&](int wanted) {
        while (step < wanted) std::this_thread::yield();
    };
    reached(1);
    CODE("pthread_kill", pthread_kill(thread.native_handle(), SIGUSR1));
    reached(2);
    CODE("ends sigsuspend", suspended);
    VALUE("a new thread has its creator's mask", inherited);
    // The thread may handle the signal before it sleeps.
    while (step < 3) {
        pthread_kill(thread.native_handle(), SIGUSR1);
        std::this_thread::yield();
    }
    CODE("ends a sleep", slept);
    CODE("wrong number", pthread_kill(thread.native_handle(), 65));
    CODE("no signal", pthread_kill(thread.native_handle(), 0));
    VALUE("the sender is not interrupted", is_pending(SIGUSR1));
    step = 4;
    thread.join();
    sigprocmask(SIG_SETMASK, &none, nullptr);

    block({SIGUSR2});
    int number = 0;
    std::thread waiter([&] {
        const sigset_t set = set_of({SIGUSR2});
        sigwait(&set, &number);
    });
    CALL("kill of the process", kill(getpid(), SIGUSR2));
    waiter.join();
    VALUE("reaches a thread that waits", number == SIGUSR2);
    block({}, SIG_SETMASK);
    signal(SIGUSR1, SIG_DFL);
}

namespace {
sigjmp_buf place;
void jump(int) { siglongjmp(place, 3); }

[[gnu::noinline]] int come_back(int save_mask) {
    const int result = sigsetjmp(place, save_mask);
    if (result == 0) raise(SIGUSR1);
    return result;
}

bool is_blocked(int number) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    return sigismember(&mask, number) == 1;
}
}  // namespace

CONFORMANCE(signal_jumps) {
    install(SIGUSR1, Action(jump));
    VALUE("out of a handler, with the mask", come_back(1));
    VALUE("is blocked", is_blocked(SIGUSR1));
    VALUE("out of a handler, without the mask", come_back(0));
    VALUE("is blocked", is_blocked(SIGUSR1));
    block({}, SIG_SETMASK);
    signal(SIGUSR1, SIG_DFL);
}
