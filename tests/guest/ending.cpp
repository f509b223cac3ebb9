// SPDX-License-Identifier: Apache-2.0
// The ways in which a program ends.
#include "tests/guest/ending.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "kernel/mm/heap.h"
#include "kernel/trap/spin_lock.h"

namespace tenon::test {

namespace {

bool announce = false;

struct Object {
    ~Object() {
        if (announce) std::puts("destroyed");
    }
};
Object object;

/// Some frames above a throw in the library, which has no frame pointers. Without a handler their objects are not
/// destroyed.
[[gnu::noinline]] int look_into(const std::vector<int>& numbers) { return numbers.at(7); }
[[gnu::noinline]] int outer_look(int depth) {
    const std::vector<int> numbers(static_cast<std::size_t>(depth));
    const int found = look_into(numbers);
    return found + depth;
}
/// Its caller would catch the exception.
[[gnu::noinline]] int look_without_exceptions(int depth) noexcept { return outer_look(depth) + 1; }
[[gnu::noinline]] int rethrow(int depth) {
    try {
        return outer_look(depth);
    } catch (const std::out_of_range&) {
        throw;
    }
}

int throw_by(std::string_view way) {
    if (way == "throw-in-library") return outer_look(3);
    if (way == "throw-again") return rethrow(3);
    if (way == "throw-in-thread") std::thread([] { outer_look(3); }).join();
    if (way == "throw-out-of-noexcept") try {
            return look_without_exceptions(3);
        } catch (const std::exception&) {
        }
    if (way == "throw-number") throw 42;
    if (way == "terminate") std::terminate();
    return 0;
}

}  // namespace

int end(std::span<char*> arguments) {
    announce = true;
    std::atexit([] { std::puts("exit handler"); });
    // Not flushed: what is in the stream's buffer must not be lost.
    for (const char* argument : arguments.subspan(2)) std::printf("[%s] ", argument);
    const std::string_view way = arguments.size() > 1 ? arguments[1] : "";
    const int code = arguments.size() > 2 ? std::atoi(arguments[2]) : 0;
    if (way == "environment") {
        const char* value = std::getenv("NAME");
        std::printf("[NAME=%s]", value != nullptr ? value : "");
    }
    if (way == "exit") std::exit(code);
    if (way == "_exit") ::_exit(code);
    if (way == "abort") std::abort();
    if (way == "throw") throw std::runtime_error("nobody catches this");
    if (way == "lock-twice") {
        static SpinLock lock{"of the test"};
        const SpinLock::Guard outer(lock), inner(lock);
    }
    if (way.starts_with("throw-") || way == "terminate") return throw_by(way);
    if (way == "thread") pthread_exit(nullptr);
    if (way == "double-free") {
        void* volatile memory = std::malloc(100);
        void* volatile keep = std::malloc(100);
        std::free(memory);
        std::free(memory);
        std::free(keep);
    }
    if (way == "wild-free") heap_free(&object);
    return code;
}

}  // namespace tenon::test
