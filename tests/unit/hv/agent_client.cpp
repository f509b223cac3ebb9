// SPDX-License-Identifier: Apache-2.0
// One deadline for all that is asked of an agent.
#include "hv/api/agent_client.h"

#include "fake_agent.h"
#include "temporary_directory.h"

// After hv's headers: CHECK is the tests' here.
#include <catch2/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("an agent's client has one deadline for the connection and all calls", "[agent_client]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/agent.sock";
    const test::FakeAgent agent(path, [](const std::string&) { return "{}"; });
    const hv::Deadline deadline(300ms);
    auto client = hv::AgentClient::connect(path, "machine 'a'", deadline);
    REQUIRE(client);
    CHECK(client->call("guest-ping"));
    while (!deadline.passed()) std::this_thread::sleep_for(5ms);
    const auto late = client->call("guest-ping");
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == hv::ErrorKind::killed);
    CHECK(late.error().message.find("guest-ping within 300 ms") != std::string::npos);
}

TEST_CASE("an agent that takes no time to connect, but never answers, is waited for once", "[agent_client]") {
    const test::TemporaryDirectory directory;
    const std::string path = directory.path() + "/agent.sock";
    const auto listener = hv::listen_on_unix_socket(path);
    REQUIRE(listener);
    const hv::Deadline deadline(100ms);
    const auto client = hv::AgentClient::connect(path, "machine 'a'", deadline);
    REQUIRE_FALSE(client);
    CHECK(client.error().kind == hv::ErrorKind::killed);
    CHECK(deadline.passed());
    CHECK(deadline.left_ms() == 0);
}

TEST_CASE("a socket without a listener is no agent", "[agent_client]") {
    const test::TemporaryDirectory directory;
    const auto none = hv::AgentClient::connect(directory.path() + "/agent.sock", "none", hv::Deadline(1s));
    REQUIRE_FALSE(none);
    CHECK(none.error().kind == hv::ErrorKind::not_found);
    const auto too_long = hv::AgentClient::connect(std::string(200, 'x'), "none", hv::Deadline(1s));
    REQUIRE_FALSE(too_long);
    CHECK(too_long.error().kind == hv::ErrorKind::usage);
}
