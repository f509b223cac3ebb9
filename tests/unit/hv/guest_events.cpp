// SPDX-License-Identifier: Apache-2.0
// Events that a guest causes: bounded, without hiding those of others.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <vector>

#include "hv/core/token_bucket.h"
#include "hv/supervise/event_log.h"
#include "tests/unit/hv/temporary_directory.h"

namespace {

std::vector<std::string> lines_of(const std::string& path) {
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

constexpr std::uint64_t second = 1'000'000'000;

}  // namespace

TEST_CASE("a token bucket gives its burst, and then one a period", "[token_bucket]") {
    hv::TokenBucket bucket({.size = 3, .refill_ns = 30 * second});
    std::uint64_t now = 1000 * second;
    for (int i = 0; i < 3; ++i) CHECK(bucket.take(now));
    CHECK_FALSE(bucket.take(now));
    CHECK_FALSE(bucket.take(now += 9 * second));
    CHECK(bucket.take(now += second));
    CHECK_FALSE(bucket.take(now));
    // Unused allowance does not grow beyond the burst.
    now += 100'000 * second;
    for (int i = 0; i < 3; ++i) CHECK(bucket.take(now));
    CHECK_FALSE(bucket.take(now));
    // A rate a little above the allowed one is thinned out to it.
    int taken = 0;
    for (int i = 0; i < 1000; ++i) taken += bucket.take(now += 5 * second) ? 1 : 0;
    CHECK(taken >= 499);
    CHECK(taken <= 501);
}

TEST_CASE("a guest that causes events without end does not fill the log", "[events]") {
    const test::TemporaryDirectory directory;
    hv::GuestEvents events(directory.path(), "loud");
    hv::log_event(directory.path(), "other", "created");
    std::uint64_t now = second;
    for (int i = 0; i < 100'000; ++i) events.log(now, "ready", {});
    const auto lines = lines_of(directory.path() + "/.events");
    CHECK(lines.size() == 101);
    CHECK(lines.front().find("\"machine\":\"other\"") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/.events.1"));
    // Later events are passed, and say how many are missing.
    events.log(now += 15 * second, "crashed", {{"reason", "again"}});
    CHECK(lines_of(directory.path() + "/.events").back().find("\"suppressed\":99900") != std::string::npos);
    events.log(now, "ready", {});
    events.log_last("ended", {});
    CHECK(lines_of(directory.path() + "/.events").back().find("\"event\":\"ended\",\"suppressed\":1") !=
          std::string::npos);
    CHECK(lines_of(directory.path() + "/.events").size() == 103);
}

TEST_CASE("which events a guest causes", "[events]") {
    using Kind = hv::Notice::Kind;
    for (const Kind kind : {Kind::ready, Kind::crashed, Kind::started, Kind::ended})
        CHECK(hv::event_of(hv::make_notice(kind)).by_guest);
    for (const Kind kind : {Kind::paused, Kind::resumed, Kind::shutdown_asked, Kind::reboot_asked})
        CHECK_FALSE(hv::event_of(hv::make_notice(kind)).by_guest);
}

TEST_CASE("a guest's words in an event are printable, however they are cut", "[events]") {
    std::string reason(242, 'x');
    reason += "\xE2\x80\xAE\xC2\x9B";
    const hv::Notice notice = hv::make_notice(hv::Notice::Kind::crashed, reason, hv::GuestEnd::Kind::crashed, 107);
    CHECK(std::string(notice.text) == std::string(242, 'x'));
    const std::string line = hv::event_line(1, "m", "crashed",
                                            {{"reason",
                                              "a\xC2\x9B"
                                              "b\xE2\x80\xAE\xFF"}});
    CHECK(line.find("a?b??") != std::string::npos);
}
