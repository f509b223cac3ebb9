// SPDX-License-Identifier: Apache-2.0
// A session with a fake guest behind it and a list of answers before it.
#pragma once

#include <catch2/catch.hpp>

#include "fake_guest.h"
#include "tools-agent/session.h"

namespace tenon::tools::test {

struct SessionFixture : Session::Output {
    FakeGuest guest;
    Session session{guest, *this};
    std::vector<std::string> answers;

    void send(std::string_view bytes) override { answers.emplace_back(bytes); }

    /// The answer to `text`, of which there is exactly one.
    Json ask(std::string_view text) {
        answers.clear();
        session.receive(text);
        REQUIRE(answers.size() == 1);
        REQUIRE(answers[0].ends_with('\n'));
        Json answer = Json::parse(answers[0], nullptr, false);
        REQUIRE(answer.is_object());
        return answer;
    }
    Json call(const std::string& command, const std::string& arguments = "{}") {
        return ask(R"({"execute":")" + command + R"(","arguments":)" + arguments + "}");
    }
    Json returned(const std::string& command, const std::string& arguments = "{}") {
        Json answer = call(command, arguments);
        INFO(answer.dump());
        REQUIRE(answer.contains("return"));
        return answer["return"];
    }
    /// The description of the error that is expected.
    std::string error(const std::string& command, const std::string& arguments = "{}") {
        Json answer = call(command, arguments);
        INFO(answer.dump());
        REQUIRE(answer.contains("error"));
        return answer["error"]["desc"].get<std::string>();
    }
};

}  // namespace tenon::tools::test
