// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/bounded_log.h"

#include <catch2/catch.hpp>

#include "tests/unit/hv/file_size_limit.h"
#include "tests/unit/hv/temporary_directory.h"

using hv::BoundedLog;
using hv::last_lines;

TEST_CASE("a log never takes more than twice its bound, and keeps the newest", "[log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    auto log = BoundedLog::open(path, 1000);
    REQUIRE(log);
    for (int i = 0; i < 10'000; ++i) log->append("line " + std::to_string(i) + "\n");
    CHECK(std::filesystem::file_size(path) <= 1000);
    CHECK(std::filesystem::file_size(path + ".1") <= 1000);
    const std::string all = hv::read_log_tail(path, 1 << 20);
    CHECK(all.size() >= 1000);
    CHECK(all.ends_with("line 9999\n"));
    // No line is missing in the text kept, also where the two files meet.
    int expected = -1;
    std::size_t begin = 0;
    for (std::size_t end; (end = all.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const int number = std::stoi(all.substr(begin + 5, end - begin));
        if (expected >= 0) CHECK(number == expected);
        expected = number + 1;
    }
}

TEST_CASE("a text larger than the bound loses its beginning only", "[log]") {
    const test::TemporaryDirectory directory;
    auto log = BoundedLog::open(directory.path() + "/log", 100);
    REQUIRE(log);
    std::string text;
    for (int i = 0; i < 1000; ++i) text += static_cast<char>('a' + i % 26);
    log->append(text);
    CHECK(text.ends_with(hv::read_log_tail(directory.path() + "/log", 1000)));
}

TEST_CASE("a log is gone on with, and its tail begins with a line", "[log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    BoundedLog::open(path)->append("one\n");
    auto log = BoundedLog::open(path);
    log->append("two\nthree\n");
    CHECK(log->tail(1000) == "one\ntwo\nthree\n");
    CHECK(log->tail(8) == "three\n");
    CHECK(log->tail(0).empty());
}

TEST_CASE("a log that cannot be made is an error with its path", "[log]") {
    const auto log = BoundedLog::open("/no/such/directory/log");
    REQUIRE_FALSE(log);
    CHECK(log.error().message.find("/no/such/directory/log") != std::string::npos);
}

TEST_CASE("a limit of file sizes below the log's turns it over earlier, and loses the oldest only", "[log]") {
    const test::TemporaryDirectory directory;
    const test::FileSizeLimit limit(2000);
    auto log = BoundedLog::open(directory.path() + "/log", 100'000);
    REQUIRE(log);
    for (int i = 0; i < 1000; ++i) log->append("line " + std::to_string(i) + "\n");
    CHECK(log->tail(100).ends_with("line 998\nline 999\n"));
    CHECK(std::filesystem::file_size(directory.path() + "/log") <= 2000);
}

TEST_CASE("last lines", "[log]") {
    CHECK(last_lines("a\nb\nc\n", 2) == "b\nc\n");
    CHECK(last_lines("a\nb\nc", 1) == "c");
    CHECK(last_lines("a\nb\n", 5) == "a\nb\n");
    CHECK(last_lines("a\nb\n", 0).empty());
    CHECK(last_lines("", 3).empty());
    CHECK(last_lines("\n\n\n", 2) == "\n\n");
}
