// SPDX-License-Identifier: Apache-2.0
// The protocol: requests, answers, errors, hostile input.
#include "fixture.h"

using namespace tenon::tools;
using tenon::tools::test::second;
using Fixture = tenon::tools::test::SessionFixture;

TEST_CASE_METHOD(Fixture, "session: synchronisation gives the number back, all 63 bits of it") {
    CHECK(returned("guest-sync", R"({"id":1700000000123})") == 1'700'000'000'123);
    CHECK(returned("guest-sync", R"({"id":9223372036854775807})") == INT64_MAX);
    CHECK(returned("guest-sync", R"({"id":-9223372036854775808})") == INT64_MIN);
    CHECK(error("guest-sync", R"({"id":9223372036854775808})").find("expected: integer") != std::string::npos);
    CHECK(error("guest-sync", R"({"id":1.5})").find("expected: integer") != std::string::npos);
    CHECK(error("guest-sync", R"({"id":"1"})").find("'id'") != std::string::npos);
    CHECK(error("guest-sync") == "Parameter 'id' is missing");
    CHECK(error("guest-ping", R"({"id":1})") == "Parameter 'id' is unexpected");
}

TEST_CASE_METHOD(Fixture, "session: a delimited answer has the sentinel before it, and no other has") {
    session.receive("\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}\n");
    REQUIRE(answers == std::vector<std::string>{"\xFF{\"return\":7}\n"});
    session.receive(R"({"execute":"guest-sync-delimited","arguments":{}})");
    REQUIRE(answers.size() == 2);
    CHECK(answers[1].front() == '{');
}

TEST_CASE_METHOD(Fixture, "session: the id of a request goes back with answers and errors") {
    CHECK(ask(R"({"execute":"guest-ping","id":"x"})")["id"] == "x");
    CHECK(ask(R"({"execute":"guest-pong","id":5})")["id"] == 5);
    CHECK_FALSE(ask(R"({"execute":"guest-ping"})").contains("id"));
}

TEST_CASE_METHOD(Fixture, "session: what is not a request is an error, and the next one is served") {
    for (const char* text :
         {"{}", "[]", R"({"execute":1})", R"({"execute":"guest-ping","arguments":[]})",
          R"({"execute":"guest-ping","argument":{}})", R"({"execute" "guest-ping"})", R"({"execute":"guest-ping",})",
          "{\"execute\":\"\xC3\x28\"}", "nonsense\n", R"({"execute":"guest-ping"])"}) {
        INFO(text);
        CHECK(ask(text)["error"]["class"] == "GenericError");
        CHECK(returned("guest-ping") == Json::object());
    }
}

TEST_CASE_METHOD(Fixture, "session: commands that are not there say so in the protocol's own words") {
    for (const char* name : {"guest-exec", "guest-file-open", "guest-set-user-password", "guest-suspend-ram", "", "x"})
        CHECK(call(name)["error"]["class"] == "CommandNotFound");
    // Whatever a name holds, the answer is JSON on one line.
    const Json answer = ask("{\"execute\":\"a\\n\\u0000\\\"b\"}");
    CHECK(answer["error"]["class"] == "CommandNotFound");
    CHECK(std::count(answers[0].begin(), answers[0].end(), '\n') == 1);
}

TEST_CASE_METHOD(Fixture, "session: values are counted before memory is taken for them") {
    std::string many = R"({"execute":"guest-set-vcpus","arguments":{"vcpus":[)";
    for (std::size_t i = 0; i < most_values; ++i) many += "0,";
    const Json answer = ask(many + "0]}}");
    CHECK(answer["error"]["desc"].get<std::string>().find("more values") != std::string::npos);
}

TEST_CASE_METHOD(Fixture, "session: several requests in one piece, and one in many") {
    session.receive(R"({"execute":"guest-ping"}{"execute":"guest-sync","arguments":{"id":1}})");
    CHECK(answers == std::vector<std::string>{"{\"return\":{}}\n", "{\"return\":1}\n"});
    answers.clear();
    for (const char byte : std::string_view(R"({"execute":"guest-sync","arguments":{"id":2}})"))
        session.receive({&byte, 1});
    CHECK(answers == std::vector<std::string>{"{\"return\":2}\n"});
}

TEST_CASE_METHOD(Fixture, "session: half a request is forgotten with its client, or after ten seconds") {
    session.receive("{\"execute\":");
    session.reset();
    CHECK(returned("guest-ping") == Json::object());

    answers.clear();
    session.receive("{\"execute\":");
    CHECK(session.due() <= guest.monotonic + 10 * second);
    guest.monotonic += 9 * second;
    session.work();
    CHECK(answers.empty());
    guest.monotonic += second;
    session.work();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].find("not completed") != std::string::npos);
    CHECK(returned("guest-ping") == Json::object());
}

TEST_CASE_METHOD(Fixture, "session: guest-info lists every command, and each of them is found") {
    const Json info = returned("guest-info");
    CHECK(info["supported_commands"].size() == commands().size());
    for (const Json& command : info["supported_commands"]) {
        const Command* found = find_command(command["name"].get<std::string>());
        REQUIRE(found != nullptr);
        CHECK(command["enabled"] == true);
        CHECK(command["success-response"] == found->answers_success);
    }
}
