// SPDX-License-Identifier: Apache-2.0
// pvbench's command line.
#include "images/pvbench/options.h"

#include <catch2/catch.hpp>

namespace {

using pvbench::Options;
using Words = std::vector<std::string_view>;

Options parsed(const Words& words) {
    auto options = pvbench::parse_options(words);
    REQUIRE(options.has_value());
    return *std::move(options);
}

std::string refused(const Words& words) {
    const auto options = pvbench::parse_options(words);
    REQUIRE(!options.has_value());
    return options.error();
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("pvbench: without options it measures everything that changes nothing") {
    const Options options = parsed({});
    REQUIRE(!options.json);
    REQUIRE(!options.quick);
    REQUIRE(!options.write);
    REQUIRE(options.only.empty());
    REQUIRE(options.repetitions == 5);
    REQUIRE(options.peer.port == 0);
    REQUIRE(options.serve_port == 0);
    REQUIRE(options.balloon_seconds == 0);
}

TEST_CASE("pvbench: options are taken in any order") {
    const Options options =
        parsed({"--repetitions", "7", "--json", "--only", "clock,blk_flush", "--disk", "/dev/vdb", "--write",
                "--net-peer", "10.0.0.1:7000", "--label", "q35", "--quick", "--balloon", "12"});
    REQUIRE(options.json);
    REQUIRE(options.quick);
    REQUIRE(options.write);
    REQUIRE(options.repetitions == 7);
    REQUIRE(options.only == std::vector<std::string>{"clock", "blk_flush"});
    REQUIRE(options.disk == "/dev/vdb");
    REQUIRE(options.peer.address == "10.0.0.1");
    REQUIRE(options.peer.port == 7000);
    REQUIRE(options.label == "q35");
    REQUIRE(options.balloon_seconds == 12);
}

TEST_CASE("pvbench: the peer's options") {
    const Options options = parsed({"--serve", "65535", "--delay", "2000"});
    REQUIRE(options.serve_port == 65535);
    REQUIRE(options.serve_delay_us == 2000);
    REQUIRE(parsed({"--serve", "1", "--delay", "0"}).serve_delay_us == 0);
}

TEST_CASE("pvbench: names are separated by commas, empty ones are none") {
    REQUIRE(parsed({"--only", ",a,,b,"}).only == std::vector<std::string>{"a", "b"});
}

TEST_CASE("pvbench: a wrong option is refused with its name") {
    REQUIRE(contains(refused({"--jsn"}), "'--jsn'"));
    REQUIRE(contains(refused({"clock"}), "'clock'"));
    REQUIRE(contains(refused({""}), "no option ''"));
    for (const char* name :
         {"--only", "--disk", "--label", "--repetitions", "--net-peer", "--balloon", "--serve", "--delay"})
        REQUIRE(refused({"--json", name}) == std::string(name) + " needs a value");
}

TEST_CASE("pvbench: numbers that are none, or out of range, are refused") {
    for (const std::string_view text : {"0", "1001", "-1", "", "3x", "0x10", " 3", "99999999999999999999", "2.5"})
        REQUIRE(contains(refused({"--repetitions", text}), "from 1 to 1000"));
    REQUIRE(contains(refused({"--delay", "2000"}), "for --serve PORT"));
    REQUIRE(contains(refused({"--json", "--compare", "a", "b"}), "--compare is the first word"));
    REQUIRE(contains(refused({"--json", "--report", "a.html", "b"}), "in the Linux program only"));
    REQUIRE(contains(refused({"--serve", "65536"}), "65535"));
    REQUIRE(contains(refused({"--serve", "0"}), "65535"));
    REQUIRE(contains(refused({"--balloon", "3601"}), "3600"));
    REQUIRE(contains(refused({"--delay", "10000001"}), "10000000"));
}

TEST_CASE("pvbench: a peer needs an address and a port") {
    for (const std::string_view text :
         {"10.0.0.1", "10.0.0.1:", ":7000", "10.0.0.1:0", "10.0.0.1:70000", "10.0.0.1:x", ""})
        REQUIRE(contains(refused({"--net-peer", text}), "--net-peer"));
}

TEST_CASE("pvbench: --only without a name is refused") {
    for (const std::string_view text : {"", ",", ",,"}) REQUIRE(contains(refused({"--only", text}), "--only"));
}
