// SPDX-License-Identifier: Apache-2.0
// The ways in which a program ends.
#include "tests/guest/ending.h"

#include <pthread.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "kernel/mm/heap.h"

namespace tenon::test {

namespace {

bool announce = false;

struct Object {
    ~Object() {
        if (announce) std::puts("destroyed");
    }
};
Object object;

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
