// SPDX-License-Identifier: Apache-2.0
// Runs the tests of tests/guest/vcpus.cpp on a machine of host threads: vcpus [COUNT [NAME]].
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "kernel/trap/interrupts.h"
#include "tests/guest/test.h"
#include "tests/vcpus/host_machine.h"

namespace tenon::test {

namespace {

Test* first = nullptr;
Test** last = &first;
std::atomic<bool> failed = false;
std::string wanted;

void run_tests() {
    int passed = 0, not_passed = 0;
    for (const Test* test = first; test != nullptr; test = test->next) {
        if (std::strstr(test->name, wanted.c_str()) == nullptr) continue;
        failed.store(false);
        test->run();
        const interrupts::Masked masked;
        std::printf("%s %s\n", failed.load() ? "not ok" : "ok", test->name);
        (failed.load() ? not_passed : passed) += 1;
    }
    const interrupts::Masked masked;
    std::printf("%d passed, %d failed, 0 skipped\n", passed, not_passed);
    std::fflush(stdout);
    _exit(not_passed == 0 ? 0 : 1);
}

}  // namespace

Registration::Registration(Test& test) {
    *last = &test;
    last = &test.next;
}

void fail(const char* condition, const char* file, int line) {
    const interrupts::Masked masked;
    if (!failed.exchange(true)) std::printf("%s (%s:%d)\n", condition, file, line);
}

void skip(const char*) { std::abort(); }

}  // namespace tenon::test

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 4;
    if (argc > 2) tenon::test::wanted = argv[2];
    if (count < 2 || count > 32) {
        std::fputs("usage: vcpus [COUNT, 2 to 32 [NAME]]\n", stderr);
        return 2;
    }
    tenon::test::run_machine(static_cast<std::uint32_t>(count), tenon::test::run_tests);
}
