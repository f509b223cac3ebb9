// SPDX-License-Identifier: Apache-2.0
// The console's log with times, and the times themselves.
#include "hv/supervise/console_log.h"

#include "hv/cli/times.h"
#include "hv/core/utc_time.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

#include "tests/unit/hv/temporary_directory.h"

using namespace hv;

namespace {

constexpr std::int64_t noon = 1'796'040'000'000;  // 2026-11-30T12:00:00Z

/// What a reader shows that is given `text` in pieces of `piece` bytes.
std::string read_in_pieces(const std::string& text, std::size_t piece, ConsoleLogReader::Options options) {
    ConsoleLogReader reader(options);
    std::string waiting, shown;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        waiting += text.substr(at, piece);
        shown += reader.take(waiting);
    }
    return shown;
}

}  // namespace

TEST_CASE("a time in UTC is read as it is written", "[time]") {
    CHECK(utc_text(noon) == "2026-11-30T12:00:00.000Z");
    CHECK(utc_text(noon + 7) == "2026-11-30T12:00:00.007Z");
    CHECK(utc_text(0) == "1970-01-01T00:00:00.000Z");
    CHECK(utc_text(-5) == "1970-01-01T00:00:00.000Z");
    CHECK(utc_text(INT64_MAX) == "9999-12-31T23:59:59.999Z");
    for (const std::int64_t ms : {std::int64_t{0}, noon, noon + 86'399'999, std::int64_t{951'782'400'000}})
        CHECK(parse_utc_text(utc_text(ms) + " more") == ms);
    for (const char* text : {"", "2026-11-30T12:00:00.000", "2026-11-31T12:00:00.000Z", "2026-11-30T24:00:00.000Z",
                             "2026-11-30 12:00:00.000Z", "2026-1a-30T12:00:00.000Z", " 2026-11-30T12:00:00.00Z"})
        CHECK_FALSE(parse_utc_text(text));
}

TEST_CASE("a console's lines have their times in the log, and not in its tail", "[log]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/log";
    {
        auto log = ConsoleLog::open(path);
        REQUIRE(log);
        log->append("one\ntw", noon);
        log->append("o\n", noon + 1);
        log->append("\nlast", noon + 2);
        CHECK(log->tail(1000) == "one\ntwo\n\nlast");
        CHECK(log->tail(6) == "\nlast");
    }
    // Another life of the supervisor goes on with the line.
    auto log = ConsoleLog::open(path);
    log->append(" words\nend\n", noon + 3);
    const std::string text = read_log_tail(path, 1000);
    CHECK(text ==
          "2026-11-30T12:00:00.000Z one\n2026-11-30T12:00:00.000Z two\n2026-11-30T12:00:00.002Z \n"
          "2026-11-30T12:00:00.002Z last words\n2026-11-30T12:00:00.003Z end\n");
    CHECK_FALSE(ConsoleLog::open("/no/such/directory/log"));
}

TEST_CASE("a reader shows the console's text with or without times, in whatever pieces it comes", "[log]") {
    const std::string stamped =
        "2026-11-30T12:00:00.000Z one\n2026-11-30T12:00:01.000Z two\nrest of a divided line\n"
        "2026-11-30T12:00:02.000Z 2026-11-30T12:00:00.000Z is the guest's\n2026-11-30T12:00:03.000Z unfinished";
    for (const std::size_t piece : {1, 2, 7, 25, 1000}) {
        CHECK(read_in_pieces(stamped, piece, {}) ==
              "one\ntwo\nrest of a divided line\n2026-11-30T12:00:00.000Z is the guest's\nunfinished");
        CHECK(read_in_pieces(stamped, piece, {.with_times = true}) == stamped);
        CHECK(read_in_pieces(stamped, piece, {.since_ms = noon + 1000}) ==
              "two\nrest of a divided line\n2026-11-30T12:00:00.000Z is the guest's\nunfinished");
        CHECK(read_in_pieces(stamped, piece, {.since_ms = noon + 60'000}).empty());
    }
}

TEST_CASE("times of options: how long ago, or when", "[time]") {
    const auto time = [](const char* text) { return parse_time("--since", text, noon).value_or(-1); };
    CHECK(time("90s") == noon - 90'000);
    CHECK(time("10m") == noon - 600'000);
    CHECK(time("2h30m") == noon - 9'000'000);
    CHECK(time("1d") == noon - 86'400'000);
    CHECK(time("@1796040000") == noon);
    CHECK(time("2026-11-30T12:00:00Z") == noon);
    CHECK(time("2026-11-30 12:00Z") == noon);
    CHECK(time("2026-11-30T12:00:00.5Z") == noon + 500);
    CHECK(time("2026-11-30T12:00:00.123456789Z") == noon + 123);
    CHECK(time("2024-02-29T00:00:00Z") > 0);
    const std::int64_t day = time("2026-11-30");
    CHECK(day > 0);
    CHECK(time("2026-11-30 01:00") == day + 3'600'000);
    for (const char* text : {"", "10", "m", "10x", "10m2h", "10m10m", "-10m", "yesterday", "2026-13-01", "2026-11-30T",
                             "2026-11-30T12:00:00.", "2026-11-30 12", "@", "@x", "99999999999999999999d", "2026-02-31",
                             "2026-11-31T12:00:00Z", "2026-02-29"}) {
        const auto refused = parse_time("--since", text, noon);
        INFO(text);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(refused.error().message.starts_with("--since '"));
    }
}
