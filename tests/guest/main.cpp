// SPDX-License-Identifier: Apache-2.0
// Runs the guest's tests: all, or those whose names contain one of the arguments. Prints a line for each, and their
// sum.
#include <atomic>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>

#include "kernel/sched/thread.h"
#include "tests/guest/ending.h"
#include "tests/guest/test.h"

namespace tenon::test {

namespace {

constinit Test* first = nullptr;
constinit Test** last = &first;

constinit std::atomic<Thread*> runner = nullptr;
constinit std::atomic<bool> failed = false;
char why[256];

struct Failed {};
struct Skipped {
    const char* reason;
};

void note(const char* text) {
    // The first reason is the one to look at.
    if (!failed.exchange(true)) std::snprintf(why, sizeof(why), "%s", text);
}

bool is_wanted(const char* name, int count, char** parts) {
    if (Cpu::count.load() == 1 && std::strncmp(name, "vcpus_", std::strlen("vcpus_")) == 0) return false;
    if (count == 0) return true;
    for (int i = 0; i != count; ++i)
        if (std::strstr(name, parts[i]) != nullptr) return true;
    return false;
}

struct Sum {
    int passed = 0, failed = 0, skipped = 0;
};

void run(const Test& test, Sum& sum) {
    failed.store(false);
    try {
        test.run();
    } catch (const Failed&) {
    } catch (const Skipped& skipped) {
        std::printf("skip %s: %s\n", test.name, skipped.reason);
        ++sum.skipped;
        return;
    } catch (const std::exception& exception) {
        note(exception.what());
    } catch (...) {
        note("an exception of unknown type");
    }
    if (failed.load()) {
        std::printf("not ok %s: %s\n", test.name, why);
        ++sum.failed;
    } else {
        std::printf("ok %s\n", test.name);
        ++sum.passed;
    }
}

}  // namespace

Registration::Registration(Test& test) {
    *last = &test;
    last = &test.next;
}

void fail(const char* condition, const char* file, int line) {
    char text[sizeof(why)];
    std::snprintf(text, sizeof(text), "%s (%s:%d)", condition, file, line);
    note(text);
    if (runner.load() == &Thread::current()) throw Failed{};
}

void skip(const char* reason) { throw Skipped{reason}; }

}  // namespace tenon::test

int main(int argc, char** argv) {
    using namespace tenon::test;
    const std::span arguments(argv + 1, static_cast<std::size_t>(argc) - 1);
    if (!arguments.empty() && std::strcmp(arguments[0], "--end") == 0) return end(arguments);
    runner.store(&tenon::Thread::current());
    Sum sum;
    for (const Test* test = first; test != nullptr; test = test->next)
        if (is_wanted(test->name, argc - 1, argv + 1)) run(*test, sum);
    std::printf("%d passed, %d failed, %d skipped\n", sum.passed, sum.failed, sum.skipped);
    return sum.failed == 0 ? 0 : 1;
}
