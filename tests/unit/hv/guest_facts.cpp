// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/guest_facts.h"

#include <map>

#include "fake_agent.h"
#include "hv/cli/info_text.h"
#include "temporary_directory.h"

// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

namespace {

Json facts_of(test::FakeAgent::Answer answer, std::chrono::milliseconds limit = 5s) {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/agent.sock";
    const test::FakeAgent agent(path, std::move(answer));
    return hv::guest_facts(path, limit);
}

Json facts_of(std::map<std::string, std::string> answers) {
    return facts_of([answers](const std::string& command) {
        const auto found = answers.find(command);
        return found == answers.end() ? std::string("{}") : found->second;
    });
}

}  // namespace

TEST_CASE("what an agent answers is told in hv's words", "[guest_facts]") {
    const Json facts = facts_of({
        {"guest-get-host-name", R"({"host-name": "web"})"},
        {"tenon-get-memory", R"({"total-bytes": 100, "free-bytes": 40})"},
        {"guest-network-get-interfaces",
         R"([{"name": "en1", "hardware-address": "02:00:00:00:00:01", )"
         R"("ip-addresses": [{"ip-address": "10.0.0.2", "ip-address-type": "ipv4", "prefix": 24}], )"
         R"("statistics": {"rx-bytes": 5}}])"},
        {"guest-get-diskstats", R"([{"name": "vda", "stats": {"read-ios": 3}}])"},
    });
    CHECK(facts["host_name"] == "web");
    CHECK(facts["memory"]["free_bytes"] == 40);
    CHECK(facts["interfaces"][0]["addresses"] == Json{"10.0.0.2/24"});
    CHECK(facts["interfaces"][0]["rx_bytes"] == 5);
    CHECK(facts["disks"][0]["reads"] == 3);
}

TEST_CASE("values of other types, and more than a machine has, are left out", "[guest_facts]") {
    std::string list = "[0";
    for (int i = 0; i < 1000; ++i)
        list += R"(, {"name": "en", "ip-addresses": [7, {}, {"ip-address": {}, "prefix": -1}]})";
    const Json facts = facts_of({
        {"guest-get-host-name", R"({"host-name": {"deep": 1}})"},
        {"guest-get-osinfo", R"({"pretty-name": ")" + std::string(100'000, 'x') + "\"}"},
        {"tenon-get-versions", "[]"},
        {"tenon-get-memory", R"({"total-bytes": "many"})"},
        {"guest-get-load", "7"},
        {"guest-get-vcpus", R"("one")"},
        {"guest-network-get-interfaces", list + "]"},
        {"guest-get-diskstats", R"([[], null, {"name": 7, "stats": []}])"},
    });
    CHECK_FALSE(facts.contains("host_name"));
    CHECK(facts["system"].get<std::string>().size() == 256);
    CHECK(facts["versions"].empty());
    CHECK(facts["memory"].empty());
    CHECK_FALSE(facts.contains("vcpus"));
    CHECK(facts["interfaces"].size() == 31);
    CHECK(facts["interfaces"][0]["addresses"] == Json{"unknown", "unknown"});
    CHECK(facts["disks"].size() == 1);
    // And a person's text of it is no trouble either.
    CHECK_FALSE(hv::info_text({{"name", "a"}, {"guest", facts}, {"network_interfaces", 7}, {"disks", "x"}}).empty());
}

TEST_CASE("what a hostile agent says is printable, and costs little", "[guest_facts]") {
    std::string deep, wide = "{\"host-name\": \"web\"";
    for (int i = 0; i < 500'000; ++i) deep += "[";
    for (int i = 0; i < 500'000; ++i) wide += ",\"" + std::to_string(i) + "\":0";
    const auto begin = std::chrono::steady_clock::now();
    const Json facts = facts_of({
        {"guest-get-host-name", wide + "}"},
        {"guest-get-osinfo",
         "{\"pretty-name\": \"a\xC2\x9B"
         "b\xE2\x80\xAE\"}"},
        {"tenon-get-versions", deep},
        {"tenon-get-memory", "{\"total-bytes\": 5}"},
    });
    CHECK_FALSE(facts.contains("host_name"));
    CHECK(facts["system"] == "a?b?");
    CHECK(facts["memory"]["total_bytes"] == 5);
    CHECK(std::chrono::steady_clock::now() - begin < 20s);
}

TEST_CASE("after an answer without end nothing is taken for an answer any more", "[guest_facts]") {
    const Json facts = facts_of({
        {"guest-get-host-name", "\"" + std::string(11 << 20, 'x') + "\""},
        {"guest-get-osinfo", R"({"host-name": "shifted", "pretty-name": "shifted"})"},
    });
    CHECK(facts == Json::object());
}

TEST_CASE("an agent that stops answering costs its time once", "[guest_facts]") {
    int asked = 0;
    const auto begin = std::chrono::steady_clock::now();
    const Json facts = facts_of(
        [&asked](const std::string& command) -> std::string {
            ++asked;
            return command == "guest-get-host-name" ? R"({"host-name": "web"})" : "";
        },
        200ms);
    CHECK(facts["host_name"] == "web");
    CHECK(asked == 2);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("where there is no agent there are no facts", "[guest_facts]") {
    CHECK(hv::guest_facts("/no/such/socket", 100ms).is_null());
    // One that takes the connection, and says nothing.
    const test::TemporaryDirectory directory;
    const auto listener = hv::listen_on_unix_socket(directory.path() + "/agent.sock");
    REQUIRE(listener);
    CHECK(hv::guest_facts(directory.path() + "/agent.sock", 100ms).is_null());
}

TEST_CASE("what is told of a machine cannot speak to the terminal", "[info_text]") {
    const std::string text = hv::info_text({{"name", "web"},
                                            {"state", "running"},
                                            {"cpu", {{"vcpus", 2}, {"used_ns", 1'500'000'000ULL}}},
                                            {"state_seconds", 61},
                                            {"uptime_seconds", 100},
                                            {"guest", {{"host_name", "a\033[2Jb\nc"}}}});
    CHECK(text.find('\033') == std::string::npos);
    CHECK(text.find("host name     a?[2Jb?c\n") != std::string::npos);
    CHECK(text.find("vCPUs         2\n") != std::string::npos);
    CHECK(text.find("state         running for 1m01s\n") != std::string::npos);
    CHECK(text.find("time used     1.50 s\n") != std::string::npos);
    CHECK(hv::info_text({{"state", "ended"}, {"state_seconds", 61}}).contains("ended 1m01s ago\n"));
    CHECK(hv::info_text({{"state", "unresponsive"}, {"state_seconds", nullptr}}).ends_with("unresponsive\n"));
    // Without content there is no section.
    CHECK(text.find("Disks") == std::string::npos);
    CHECK(text.find("load") == std::string::npos);
}
