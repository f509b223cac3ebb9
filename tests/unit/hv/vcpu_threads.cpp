// SPDX-License-Identifier: Apache-2.0
// Finding the threads of a process by their ids in its own PID namespace.
#include "hv/accel/pv/vcpu_threads.h"

#include <unistd.h>

#include <catch2/catch.hpp>

using namespace hv;

TEST_CASE("vCPU threads: the last of the ids, in the innermost namespace") {
    CHECK(pv::innermost_thread_id("Name:\tx\nNSpid:\t4711\t12\t3\nNSpgid:\t9\n") == 3U);
    CHECK(pv::innermost_thread_id("Name:\tx\nNSpid:\t4711\n") == 4711U);
    for (const char* text : {"", "NSpid:\t1\n", "\nNSpid:\t\n", "\nNSpid:\t1\tx\n", "\nNStgid:\t1\n"})
        CHECK_FALSE(pv::innermost_thread_id(text).has_value());
}

TEST_CASE("vCPU threads: a process without such threads, and none at all") {
    const auto opener = FileOpener::start();
    REQUIRE(opener.has_value());
    // This process is not the first one of a namespace with 32 threads.
    for (const pid_t process : {getpid(), pid_t{0}}) {
        const auto threads = pv::find_vcpu_threads(process, 32, **opener);
        REQUIRE_FALSE(threads.has_value());
        CHECK(threads.error().kind == ErrorKind::host_lacks);
    }
}
