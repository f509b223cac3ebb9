// SPDX-License-Identifier: Apache-2.0
// The order in which a program's objects are destroyed and its functions run ([basic.start.term], [support.start.term],
// atexit(3)).
#include "endings.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

namespace conformance {

namespace {

constinit bool announce = false;

void say(const char* what, const char* name) {
    if (announce) std::printf("%s %s\n", what, name);
}

/// Prints its name when it is destroyed, then calls its function.
class Object {
public:
    explicit Object(const char* name, void (*last_act)() = nullptr) : name_(name), last_act_(last_act) {
        say("made", name_);
    }
    ~Object() {
        say("gone", name_);
        if (announce && last_act_ != nullptr) last_act_();
    }
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;

private:
    const char* name_;
    void (*last_act_)();
};

/// Of static storage, before main().
const Object first_static("first static"), second_static("second static");

void make_late_static() { static const Object late("static made while another goes"); }
void register_late() {
    std::atexit([] { say("call", "function registered while an object goes"); });
}
void make_function_static() {
    static const Object local("function's static", make_late_static);
    static const Object other("function's other static", register_late);
}

void make_late_thread_local() { thread_local const Object late("thread_local made while another goes"); }
void make_thread_locals() {
    thread_local const Object one("thread_local"), two("other thread_local", make_late_thread_local);
}

void make_thread_local_that_makes_a_static() {
    thread_local const Object object("thread_local that makes a static", make_late_static);
}
void make_static_that_makes_a_thread_local() {
    static const Object object("static that makes a thread_local", make_late_thread_local);
}

[[gnu::destructor]] void destructor_function() {
    say("call", "destructor function");
    if (announce) std::atexit([] { say("call", "function registered by a destructor function"); });
}

void abort_with_a_handler() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    std::signal(SIGABRT, [](int) {
        say("call", "handler of SIGABRT");
        std::exit(4);
    });
    std::abort();
}

int in_order() {
    std::atexit([] { say("call", "first function"); });
    make_function_static();
    std::atexit([] {
        say("call", "second function");
        std::atexit([] { say("call", "function of a function"); });
    });
    make_thread_locals();
    static const Object last("last static");
    return 7;
}

int mixed() {
    make_thread_local_that_makes_a_static();
    std::atexit([] { say("call", "function"); });
    make_static_that_makes_a_thread_local();
    return 0;
}

void quickly() {
    static const Object object("static, not destroyed by quick_exit");
    std::atexit([] { say("call", "function of exit"); });
    std::at_quick_exit([] {
        say("call", "first function");
        std::fflush(stdout);
    });
    std::at_quick_exit([] {
        say("call", "second function");
        std::at_quick_exit([] {
            say("call", "function of a function");
            std::fflush(stdout);
        });
        std::fflush(stdout);
    });
    // Streams are not flushed, so the functions write without them.
    std::fflush(stdout);
    std::quick_exit(8);
}

/// This thread's thread_local objects are destroyed, those of the main thread stay.
void from_another_thread() {
    make_thread_locals();
    std::thread([] {
        thread_local const Object own("thread_local of the thread that exits");
        static_cast<void>(&own);
        std::exit(9);
    }).join();
}

pthread_key_t key;

/// Its objects, then its values by key, then its other objects.
void threads_end() {
    pthread_key_create(&key, [](void* name) { say("value", static_cast<const char*>(name)); });
    std::thread([] {
        pthread_setspecific(key, const_cast<char*>("of a key"));
        make_thread_locals();
    }).join();
    std::puts("joined");
    make_thread_locals();
    pthread_exit(nullptr);
}

template <std::size_t... index>
void register_many(std::index_sequence<index...>) {
    static int called = 0;
    std::atexit([] { std::printf("called %d\n", called); });
    (std::atexit([] { called += index != sizeof...(index); }), ...);
}

/// A thread makes a static object, and the function waits for it.
void wait_for_a_thread() {
    std::atexit([] {
        std::thread([] { make_function_static(); }).join();
        std::puts("joined");
    });
}

void exit_again() {
    std::atexit([] { say("call", "function of before"); });
    std::atexit([] {
        say("call", "function that exits");
        std::exit(6);
    });
    static const Object last("static of before");
}

}  // namespace

int end(const char* name) {
    const std::string_view way = name;
    announce = true;
    if (way == "order") return in_order();
    if (way == "exit") std::exit(in_order());
    if (way == "mixed") return mixed();
    if (way == "quick") quickly();
    if (way == "other-thread") from_another_thread();
    if (way == "threads") threads_end();
    if (way == "many") register_many(std::make_index_sequence<100>());
    if (way == "waits") wait_for_a_thread();
    if (way == "again") exit_again();
    if (way == "_Exit") {
        static const Object object("static, not destroyed by _Exit");
        std::fflush(stdout);
        std::_Exit(5);
    }
    if (way == "abort") abort_with_a_handler();
    if (way == "code") return 300;
    return 0;
}

}  // namespace conformance
