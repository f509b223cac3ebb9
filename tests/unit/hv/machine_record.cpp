// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/machine_record.h"

#include <catch2/catch.hpp>

#include "hv/cli/table.h"
#include "hv/supervise/event_log.h"

TEST_CASE("a record is read as it was written", "[record]") {
    hv::MachineRecord record;
    record.name = "web";
    record.state = "ended";
    record.image = "/a \"quoted\" path";
    record.memory_bytes = 64ULL << 20;
    record.created = 1.5;
    record.restarts = 3;
    record.exit_code = 7;
    record.reason = "panic: \x01\xff";
    const auto read = hv::parse_record(hv::record_text(record));
    REQUIRE(read);
    CHECK(read->name == "web");
    CHECK(read->image == record.image);
    CHECK(read->memory_bytes == record.memory_bytes);
    CHECK(read->created == 1.5);
    CHECK(read->restarts == 3);
    CHECK(read->exit_code == 7);
}

TEST_CASE("what is no record is none", "[record]") {
    for (const char* text : {"", "{", "[]", "7", "{}", R"({"name": "a"})", R"({"name": 7, "state": "ended"})"})
        CHECK_FALSE(hv::parse_record(text));
    const auto odd = hv::parse_record(R"({"name": "a", "state": "ended", "exit_code": 4711, "restarts": "many"})");
    REQUIRE(odd);
    CHECK_FALSE(odd->exit_code);
    CHECK(odd->restarts == 0);
    CHECK_FALSE(hv::read_record("/no/such/directory"));
}

TEST_CASE("an event is one line of JSON, whatever is in it", "[events]") {
    const std::string line = hv::event_line(2.5, "web", "ended", {{"exit_code", "107"}, {"reason", "a\nb\"\xfe"}});
    CHECK(line.find('\n') == line.size() - 1);
    CHECK(line.find("\"exit_code\":107") != std::string::npos);
    CHECK(line.find("\"machine\":\"web\"") != std::string::npos);
}

TEST_CASE("tables, sizes and durations", "[table]") {
    hv::Table table({"NAME", "N"});
    table.add({"long-name", "1"});
    table.add({"a\x1b[2J", ""});
    CHECK(table.text() == "NAME       N\nlong-name  1\na?[2J\n");
    CHECK(hv::short_size_text(64ULL << 20) == "64M");
    CHECK(hv::short_size_text(1536) == "1.5K");
    CHECK(hv::short_size_text(0) == "0B");
    CHECK(hv::duration_text(-1) == "0s");
    CHECK(hv::duration_text(61) == "1m01s");
    CHECK(hv::duration_text(3 * 3600 + 60) == "3h01m");
    CHECK(hv::duration_text(90000) == "1d01h");
}
