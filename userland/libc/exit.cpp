// SPDX-License-Identifier: Apache-2.0
// The end of a program: exit(), and abort() and assert(), which report a crash.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/trap/panic.h"
#include "userland/libc/thread_exit.h"

extern "C" {

// exit_functions.cpp
void __call_exitprocs(int code, void* object);
// Newlib's function, linked only if the program uses streams.
[[gnu::weak, gnu::noplt]] int fflush(FILE* stream);
// userland/posix/signal_calls.cpp, linked only if the program uses signals.
[[gnu::weak, gnu::noplt]] int sigaction(int number, const struct sigaction* action, struct sigaction* old);
[[gnu::weak, gnu::noplt]] int sigprocmask(int how, const sigset_t* set, sigset_t* old);
[[gnu::weak, gnu::noplt]] int raise(int number);

// kernel/boot/image.ld
using Function = void (*)();
extern const Function __fini_array_start[];
extern const Function __fini_array_end[];

/// Names the object file in calls of __cxa_atexit: an image is one object.
[[gnu::visibility("hidden")]] void* __dso_handle = nullptr;

void exit(int code) {
    if (&tenon::libc::destroy_thread_locals != nullptr) tenon::libc::destroy_thread_locals();
    __call_exitprocs(code, nullptr);
    for (const Function* function = __fini_array_end; function != __fini_array_start;) (*--function)();
    // Those that destructor functions have registered.
    __call_exitprocs(code, nullptr);
    // Newlib's own clean-up starts from the global state, which may be unused: a stream initialises the state of its
    // thread.
    if (&fflush != nullptr) fflush(nullptr);
    _exit(code);
}

/// Without a handler of SIGABRT the program, whose state is unknown, ends at once, with a backtrace.
void abort() {
    static bool handled = false;
    struct sigaction action {};
    // POSIX: the handler runs whatever the mask says, and may leave by _exit or siglongjmp.
    if (&sigaction != nullptr && !handled && sigaction(SIGABRT, nullptr, &action) == 0 &&
        action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) {
        handled = true;
        const sigset_t set = sigset_t{1} << (SIGABRT - 1);
        sigprocmask(SIG_UNBLOCK, &set, nullptr);
        raise(SIGABRT);
        handled = false;
    }
    tenon::panic("the program called abort()");
}

void __assert_func(const char* file, int line, const char* function, const char* expression) {
    tenon::panic("assertion failed: %s, in %s (%s:%d)", expression, function != nullptr ? function : "?", file, line);
}

void __assert(const char* file, int line, const char* expression) { __assert_func(file, line, nullptr, expression); }

}  // extern "C"
