// SPDX-License-Identifier: Apache-2.0
// /proc's figures of a process's memory, and opening a file before hv confines itself.
#include "hv/core/process_memory.h"

#include <unistd.h>

#include <array>

#include "hv/core/file_opener.h"
#include "hv/core/run_delay.h"
// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace hv;

TEST_CASE("process memory: lines of the status file") {
    const auto use =
        parse_process_status("Name:\tx\nVmPeak:\t 9 kB\nVmRSS:\t    1234 kB\nVmSwap:\t      8 kB\nThreads:\t1\n");
    REQUIRE(use.has_value());
    CHECK(use->resident_bytes == 1234 * 1024);
    CHECK(use->swapped_bytes == 8 * 1024);
    CHECK(parse_process_status("Name:\tx\nVmRSS:\t7 kB\n")->swapped_bytes == 0);
    for (const char* text : {"", "Name:\tx\nState:\tZ (zombie)\n", "\nVmRSS:", "\nVmRSS:\t \n", "\nVmRSS:\tmany kB\n",
                             "\nVmRSS:\t99999999999999999999 kB\n"})
        CHECK_FALSE(parse_process_status(text).has_value());
}

TEST_CASE("process memory: of this process, and of none") {
    const auto opener = FileOpener::start();
    REQUIRE(opener.has_value());
    const std::array paths{process_status_path(getpid()), std::string("/no/such/file"),
                           schedule_statistics_path(getpid())};
    const auto files = (*opener)->open(paths);
    REQUIRE(files.size() == 3);
    CHECK_FALSE(files[1]);
    CHECK(read_run_times(files[2]).has_value() == (access(paths[2].c_str(), R_OK) == 0));
    const auto use = read_process_status(files[0]);
    REQUIRE(use.has_value());
    CHECK(use->resident_bytes > 0);
    // As often as wanted.
    CHECK((*opener)->open(paths)[0]);
    CHECK(proportional_set(getpid()).value_or(0) > 0);
    CHECK_FALSE(read_process_status(FileDescriptor()).has_value());
    CHECK_FALSE(proportional_set(0).has_value());
    CHECK_FALSE(proportional_set(-1).has_value());
}

TEST_CASE("file opener: nothing to open") {
    CHECK((*FileOpener::start())->open({}).empty());
    CHECK(FileOpener::start().has_value());  // ended without having opened anything
}
