// SPDX-License-Identifier: Apache-2.0
// pvbench's JSON, read back by a library.
#include "images/pvbench/json_writer.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

namespace {

using namespace pvbench;
using nlohmann::json;

Result example() {
    Result result;
    result.platform = {.name = "hv-pv",
                       .os = "Tenon",
                       .kernel = "1.2",
                       .hypervisor = "",
                       .cpu = "A \"CPU\" \\ 3",
                       .cpus = 2,
                       .memory_bytes = 1ULL << 40,
                       .clocksource = "hv"};
    result.features = {{"net", {"CSUM", "MAC"}}, {"rng", {}}};
    result.command_line = "--label \"a b\"";
    result.measures.push_back(
        {.name = "blk_flush",
         .subject = "blk",
         .unit = "us",
         .better = Better::lower,
         .warm_up = 7,
         .summary = {.samples = 9, .median = 1.5, .p99 = 3e7, .mean = 2, .spread = 0.25, .medians = {1, 1.5, 2.25}}});
    result.left_out.push_back({.name = "wake_other_cpu", .subject = "processor", .reason = "the machine has one CPU"});
    return result;
}

}  // namespace

TEST_CASE("pvbench: the JSON is one line with every field of the schema") {
    const std::string text = to_json(example());
    REQUIRE(text.find('\n') == std::string::npos);
    const json read = json::parse(text);
    REQUIRE(read["schema"] == "tenon-pvbench-1");
    REQUIRE(read["program"]["build"] == "linux");
    REQUIRE(!read["program"]["version"].get<std::string>().empty());
    REQUIRE(read["platform"] == json{{"name", "hv-pv"},
                                     {"os", "Tenon"},
                                     {"kernel", "1.2"},
                                     {"hypervisor", ""},
                                     {"cpu", "A \"CPU\" \\ 3"},
                                     {"cpus", 2},
                                     {"memory_bytes", 1ULL << 40},
                                     {"clocksource", "hv"}});
    REQUIRE(read["features"] == json{{"net", {"CSUM", "MAC"}}, {"rng", json::array()}});
    REQUIRE(read["command_line"] == "--label \"a b\"");
    const json& measure = read["measures"][0];
    REQUIRE(measure == json{{"name", "blk_flush"},
                            {"subject", "blk"},
                            {"unit", "us"},
                            {"better", "lower"},
                            {"samples", 9},
                            {"warm_up", 7},
                            {"repetitions", 3},
                            {"median", 1.5},
                            {"p99", 3e7},
                            {"mean", 2},
                            {"spread", 0.25},
                            {"medians", {1, 1.5, 2.25}}});
    REQUIRE(
        read["left_out"] ==
        json::array({{{"name", "wake_other_cpu"}, {"subject", "processor"}, {"reason", "the machine has one CPU"}}}));
}

TEST_CASE("pvbench: a result without measures has empty lists, not missing ones") {
    const json read = json::parse(to_json({}));
    REQUIRE(read["measures"] == json::array());
    REQUIRE(read["left_out"] == json::array());
    REQUIRE(read["features"] == json::object());
}

TEST_CASE("pvbench: every byte in a text gives JSON that can be read, and characters stay") {
    for (const std::string text : {"plain", "\"\\/", "tab\tline\nbell\a", "größe", "日本", "🙂", ""})
        REQUIRE(json::parse(json_string(text)) == text);
    for (int byte = 0; byte != 256; ++byte) {
        const std::string text{'a', static_cast<char>(byte), 'b'};
        const std::string read = json::parse(json_string(text));
        REQUIRE(read == (byte < 0x80 ? text
                                     : "a\xEF\xBF\xBD"
                                       "b"));
    }
    // Overlong, a surrogate, beyond the last character, cut short.
    for (const std::string text : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x80\x80\x80",
                                   "\xE6\x97", "\xF0\x9F\x99", "\xC3"})
        REQUIRE(json::parse(json_string(text)).get<std::string>().find("\xEF\xBF\xBD") == 0);
}

TEST_CASE("pvbench: numbers keep six digits, and what is none is null") {
    REQUIRE(json_number(0) == "0");
    REQUIRE(json_number(123456) == "123456");
    REQUIRE(json::parse(json_number(1234567890.0)).get<double>() == Approx(1234567890.0).epsilon(1e-5));
    REQUIRE(json::parse(json_number(1.0 / 3)).get<double>() == Approx(1.0 / 3).epsilon(1e-5));
    REQUIRE(json_number(std::numeric_limits<double>::infinity()) == "null");
    REQUIRE(json_number(std::numeric_limits<double>::quiet_NaN()) == "null");
}
