// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/shared_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "file_size_limit.h"
#include "hv/core/file_descriptor.h"
#include "temporary_directory.h"

namespace {

constexpr std::uint64_t limit = 4096;

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::uint64_t size_of(const std::string& path) {
    return std::filesystem::exists(path) ? std::filesystem::file_size(path) : 0;
}

}  // namespace

TEST_CASE("a shared log keeps its last lines, within its bound", "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    for (int i = 0; i < 1000; ++i) hv::append_to_shared_log(path, fmt::format("line {:04}\n", i), limit);
    CHECK(size_of(path) <= limit);
    CHECK(size_of(path + ".1") <= limit);
    std::vector<std::string> lines = lines_of(path + ".1");
    for (const std::string& line : lines_of(path)) lines.push_back(line);
    // Two files' worth, in order and up to the last one.
    CHECK(lines.size() > limit / 10);
    for (std::size_t i = 0; i < lines.size(); ++i)
        CHECK(lines[i] == fmt::format("line {:04}", 1000 - lines.size() + i));
}

TEST_CASE("a limit of file sizes below the shared log's turns it over earlier, and loses the oldest only",
          "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    const test::FileSizeLimit file_limit(1005);
    for (int i = 0; i < 1000; ++i) hv::append_to_shared_log(path, fmt::format("line {:04}\n", i), limit);
    CHECK(lines_of(path).back() == "line 0999");
    CHECK(lines_of(path).front().size() == 9);
    // A line that cannot be written at all is lost.
    hv::append_to_shared_log(path, std::string(2000, 'x') + "\n", limit);
    hv::append_to_shared_log(path, "after\n", limit);
    CHECK(lines_of(path).back() == "after");
}

TEST_CASE("many writers lose no line to a rotation, and each full file is moved once", "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    constexpr int writers = 8, lines_each = 500;
    // The whole text fits into a file while the holder of the lock is preempted, so no line is dropped.
    constexpr std::uint64_t full_at = 60'000;
    static_assert(writers * lines_each * sizeof("writer 0 line 0000") < hv::shared_log_slack * full_at);
    std::vector<std::thread> threads;
    for (int writer = 0; writer < writers; ++writer)
        threads.emplace_back([&path, writer] {
            for (int i = 0; i < lines_each; ++i)
                hv::append_to_shared_log(path, fmt::format("writer {} line {:04}\n", writer, i), full_at);
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(size_of(path) <= hv::shared_log_slack * full_at);
    // The moved file was full. Moved twice, it would be nearly empty.
    CHECK(size_of(path + ".1") >= full_at - 64);
    CHECK(size_of(path + ".1") <= hv::shared_log_slack * full_at);
    // Whole lines, each writer's without a gap, up to its last one.
    std::map<int, int> next;
    for (const std::string& file : {path + ".1", path})
        for (const std::string& line : lines_of(file)) {
            int writer = -1, number = -1;
            REQUIRE(std::sscanf(line.c_str(), "writer %d line %d", &writer, &number) == 2);
            REQUIRE(line == fmt::format("writer {} line {:04}", writer, number));
            if (next.contains(writer)) CHECK(number == next[writer]);
            next[writer] = number + 1;
        }
    for (const auto& [writer, number] : next) CHECK(number == lines_each);
}

TEST_CASE("of two that find a log full, the second one moves nothing", "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    hv::append_to_shared_log(path, "full\n", limit);
    hv::FileDescriptor first(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const hv::FileDescriptor second(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(hv::rotate_shared_log(first.get(), path));
    CHECK_FALSE(hv::rotate_shared_log(second.get(), path));
    hv::append_to_shared_log(path, "new\n", limit);
    first = hv::FileDescriptor();
    CHECK(hv::rotate_shared_log(second.get(), path));
    CHECK(lines_of(path) == std::vector<std::string>{"new"});
    CHECK(lines_of(path + ".1") == std::vector<std::string>{"full"});
}

TEST_CASE("a writer that holds the lock and does not get on makes nobody wait, and no file grow without end",
          "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    hv::append_to_shared_log(path, "first\n", limit);
    const hv::FileDescriptor stuck(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(flock(stuck.get(), LOCK_EX) == 0);
    for (int i = 0; i < 2000; ++i) hv::append_to_shared_log(path, "text\n", limit);
    CHECK_FALSE(std::filesystem::exists(path + ".1"));
    CHECK(size_of(path) > limit);
    CHECK(size_of(path) <= hv::shared_log_slack * limit);
}

TEST_CASE("a log that cannot be written loses its lines in silence", "[shared_log]") {
    hv::append_to_shared_log("/no/such/directory/log", "text\n", limit);
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    REQUIRE(symlink("/dev/null", path.c_str()) == 0);
    hv::append_to_shared_log(path, "text\n", limit);
    CHECK(std::filesystem::is_symlink(path));
}

TEST_CASE("a log that was opened once follows the turns that others make", "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    const hv::OpenSharedLog log(path, limit);
    for (int turn = 0; turn < 5; ++turn) {
        log.append(fmt::format("turn {}\n", turn));
        CHECK(lines_of(path) == std::vector{fmt::format("turn {}", turn)});
        const hv::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
        REQUIRE(hv::rotate_shared_log(file.get(), path));
        CHECK(lines_of(path + ".1") == std::vector{fmt::format("turn {}", turn)});
        CHECK(size_of(path) == 0);
    }
}

TEST_CASE("a log that was opened once is bounded, and the next one who opens it turns it over", "[shared_log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    const hv::OpenSharedLog log(path, limit);
    for (int i = 0; i < 2000; ++i) log.append("text\n");
    CHECK(size_of(path) > limit);
    CHECK(size_of(path) <= hv::shared_log_slack * limit);
    const std::uint64_t full = size_of(path);
    const hv::OpenSharedLog next(path, limit);
    CHECK(size_of(path + ".1") == full);
    // Both write to the newest file, and the first one's lock is free for others.
    next.append("next\n");
    log.append("first\n");
    CHECK(lines_of(path) == std::vector<std::string>{"next", "first"});
    for (int i = 0; i < 1000; ++i) hv::append_to_shared_log(path, "text\n", limit);
    CHECK(size_of(path + ".1") < full);
}
