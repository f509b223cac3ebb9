// SPDX-License-Identifier: Apache-2.0
#include "images/pvbench/report/record_reader.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/unit/hv/temporary_directory.h"
#include "tests/unit/pvbench_report/sample.h"

using Json = nlohmann::json;
using pvbench::parse_record;

namespace {

std::string refusal(std::string_view text) {
    const auto record = parse_record(text, "a.json");
    return record ? "accepted" : record.error().message;
}

/// The sample with the value at `pointer` (RFC 6901) replaced, or removed.
std::string with(const char* pointer, const Json& value) {
    Json json = Json::parse(test::sample_json);
    json[Json::json_pointer(pointer)] = value;
    return json.dump();
}
std::string without(const char* object, const char* key) {
    Json json = Json::parse(test::sample_json);
    json[Json::json_pointer(object)].erase(key);
    return json.dump();
}

}  // namespace

TEST_CASE("What pvbench prints is read", "[pvbench]") {
    const auto record = parse_record(test::sample_json, "a.json");
    REQUIRE(record);
    CHECK_FALSE(record->tenon);
    CHECK(record->platform.name == "linux-native");
    CHECK(record->platform.cpus == 2);
    CHECK(record->features.at("net") == std::vector<std::string>{"mac", "csum"});
    CHECK(record->features.at("blk").empty());
    REQUIRE(record->measures.size() == 1);
    CHECK(record->measures[0].median == 23.1);
    CHECK(record->measures[0].medians == std::vector<double>{23, 23.1, 23.1, 23.2, 23.4});
    CHECK_FALSE(record->measures[0].higher_is_better);
    CHECK(pvbench::find_measure(*record, "clock_read") == &record->measures[0]);
    CHECK(pvbench::find_measure(*record, "blk_flush") == nullptr);
    CHECK(pvbench::reason_without(*record, "blk_flush") == "no disk");
    CHECK(pvbench::reason_without(*record, "other") == "not asked for");
}

TEST_CASE("A later pvbench may add keys", "[pvbench]") {
    CHECK(refusal(with("/new", 1)) == "accepted");
    CHECK(refusal(with("/measures/0/new", "x")) == "accepted");
}

TEST_CASE("A console's log is read by its markers", "[pvbench]") {
    const std::string json = test::sample_json;
    const std::string begin = "-----BEGIN PVBENCH JSON-----", end = "-----END PVBENCH JSON-----";
    CHECK(refusal("[ 0.0] kernel\r\n" + begin + "\r\n" + json + "\r\n" + end + "\r\n[ 1.0] off\r\n") == "accepted");
    CHECK(refusal(begin + "\n" + json + "\n" + end) == "accepted");
    // The last run counts.
    CHECK(refusal(begin + "\n{}\n" + end + "\n" + begin + "\n" + json + "\n" + end + "\n") == "accepted");
    // Within a line the words are no marker.
    CHECK(refusal("say " + begin + "\n" + begin + "\n" + json + "\n" + end + "\nsay " + end + "\n") == "accepted");
    CHECK(refusal(begin + "\n" + json.substr(0, 99)) ==
          "a.json: ends before the line '-----END PVBENCH JSON-----': pvbench did not finish");
    CHECK(refusal(begin + "\n" + json.substr(0, 99) + "\n" + end) == "a.json: is not JSON");
    CHECK(refusal(end + "\n" + begin + "\n") ==
          "a.json: ends before the line '-----END PVBENCH JSON-----': pvbench did not finish");
}

TEST_CASE("Damaged JSON is refused, with its file and key", "[pvbench]") {
    CHECK(refusal("") == "a.json: is empty: pvbench has written nothing");
    CHECK(refusal(" \n") == "a.json: is empty: pvbench has written nothing");
    CHECK(refusal(std::string(test::sample_json).substr(0, 300)) ==
          "a.json: is not JSON, and has no line '-----BEGIN PVBENCH JSON-----' either");
    CHECK(refusal("[]") == "a.json: the text is not a JSON object");
    CHECK(refusal(std::string(100'000, '[')).starts_with("a.json: nests deeper than 32 levels"));
    CHECK(refusal(with("/schema", "tenon-pvbench-2")) ==
          "a.json: 'schema' is 'tenon-pvbench-2'; this pvbench reads 'tenon-pvbench-1'");
    CHECK(refusal(with("/program/build", "windows")) == "a.json: 'program.build' is neither 'tenon' nor 'linux'");
    CHECK(refusal(with("/platform", 5)) == "a.json: 'platform' is not an object");
    CHECK(refusal(with("/platform/name", 5)) == "a.json: 'platform.name' is not a string");
    CHECK(refusal(with("/platform/cpus", 0)).starts_with("a.json: 'platform.cpus' is not a whole number from 1"));
    CHECK(refusal(with("/features/net", "mac")) == "a.json: 'features.net' is not a list");
    CHECK(refusal(with("/features/net/1", 7)) == "a.json: 'features.net[1]' is not a string");
    CHECK(refusal(with("/measures", Json::object())) == "a.json: 'measures' is not a list");
    CHECK(refusal(with("/measures/0", "x")) == "a.json: 'measures[0]' is not an object");
    CHECK(refusal(with("/measures/0/median", "23")) == "a.json: 'measures[0].median' is not a number");
    CHECK(refusal(with("/measures/0/median", nullptr)) == "a.json: 'measures[0].median' is missing");
    CHECK(refusal(with("/measures/0/p99", -1)) == "a.json: 'measures[0].p99' is not a number from 0 to 1e+18");
    CHECK(refusal(with("/measures/0/mean", 1e300)) == "a.json: 'measures[0].mean' is not a number from 0 to 1e+18");
    CHECK(refusal(with("/measures/0/unit", "apples")) ==
          "a.json: 'measures[0].unit' is 'apples', which is none of ns, us, MB/s, 1/s, bytes");
    CHECK(refusal(with("/measures/0/better", "more")) ==
          "a.json: 'measures[0].better' is neither 'lower' nor 'higher'");
    CHECK(refusal(with("/measures/0/samples", 0.5)).starts_with("a.json: 'measures[0].samples' is not a whole number"));
    CHECK(refusal(with("/measures/0/medians", Json::array())) ==
          "a.json: 'measures[0].medians' has 0 values, not 1 to 1000");
    CHECK(refusal(with("/measures/0/medians", Json(std::vector<int>(1001, 1)))) ==
          "a.json: 'measures[0].medians' has 1001 values, not 1 to 1000");
    CHECK(refusal(with("/measures/0/repetitions", 99)) ==
          "a.json: 'measures[0].medians' has 5 values for 99 repetitions");
    CHECK(refusal(with("/measures/0/medians/2", "x")) == "a.json: 'measures[0].medians[2]' is not a number");
    CHECK(refusal(with("/left_out/0/reason", 1)) == "a.json: 'left_out[0].reason' is not a string");
    CHECK(refusal(with("/left_out/0/name", "clock_read")) == "a.json: the measure 'clock_read' is there twice");
}

TEST_CASE("Each key is needed", "[pvbench]") {
    const std::pair<const char*, std::vector<const char*>> objects[] = {
        {"", {"schema", "program", "platform", "features", "command_line", "measures", "left_out"}},
        {"/program", {"version", "build"}},
        {"/platform", {"name", "os", "kernel", "hypervisor", "cpu", "cpus", "memory_bytes", "clocksource"}},
        {"/measures/0",
         {"name", "subject", "unit", "better", "samples", "warm_up", "repetitions", "median", "p99", "mean", "spread",
          "medians"}},
        {"/left_out/0", {"name", "subject", "reason"}}};
    for (const auto& [object, keys] : objects)
        for (const char* key : keys) {
            CAPTURE(object, key);
            const std::string message = refusal(without(object, key));
            CHECK(message.starts_with("a.json: '"));
            CHECK(message.ends_with(std::string(key) + "' is missing"));
        }
}

TEST_CASE("Nothing that is read reaches a terminal as a command", "[pvbench]") {
    const auto record = parse_record(with("/platform/name", "evil\x1b[2Jname\nand more"), "a.json");
    REQUIRE(record);
    CHECK(record->platform.name == "evil?[2Jname?and more");
}

TEST_CASE("A file that is not there is named", "[pvbench]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/run.json";
    CHECK(pvbench::read_record(path).error().message.find(path) != std::string::npos);
    std::ofstream(path) << test::sample_json;
    CHECK(pvbench::read_record(path)->platform.name == "linux-native");
}

TEST_CASE("A result behind a long console's log is found, and too long a file is refused", "[pvbench]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/console.log";
    std::string text;
    while (text.size() < 3 << 20) text += "a line of another program\n";
    std::ofstream(path) << text << "-----BEGIN PVBENCH JSON-----\n"
                        << test::sample_json << "\n-----END PVBENCH JSON-----\n";
    const auto record = pvbench::read_record(path);
    REQUIRE(record);
    CHECK(record->measures.size() == 1);
    std::filesystem::resize_file(path, 65 << 20);
    const auto refused = pvbench::read_record(path);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.contains("longer than 64 MiB (leave out what is before"));
}
