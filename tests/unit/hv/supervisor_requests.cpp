// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/supervisor_requests.h"

#include <catch2/catch.hpp>

using hv::SupervisorRequest;
using What = hv::SupervisorRequest::What;

namespace {

auto parse(const char* path, const char* body = "", const char* method = "PUT") {
    return SupervisorRequest::parse({.method = method, .path = path, .body = body});
}

}  // namespace

TEST_CASE("requests to a supervisor name a step, or have theirs", "[supervisor]") {
    CHECK(parse("/stop")->step == "event");
    CHECK(parse("/stop", R"({"step": "agent"})")->step == "agent");
    CHECK(parse("/kill")->what == What::kill);
    CHECK(parse("/kill")->step == "kill");
    CHECK(parse("/restart", "{}")->step == "restart");
    const auto reboot = parse("/reboot", R"({"step": "event", "within_ms": 21000})");
    REQUIRE(reboot);
    CHECK(reboot->what == What::reboot);
    CHECK(reboot->within_ms == 21000);
    CHECK(parse("/reboot")->within_ms == 0);
}

TEST_CASE("what a supervisor does not know is refused", "[supervisor]") {
    CHECK(parse("/sleep").error().kind == hv::ErrorKind::not_found);
    CHECK(parse("/stop", "", "GET").error().kind == hv::ErrorKind::usage);
    for (const char* body : {R"({"step": "kill"})", R"({"step": 7})", R"({"steps": "event"})", "[]", "x"})
        CHECK(parse("/stop", body).error().kind == hv::ErrorKind::usage);
    CHECK(parse("/kill", R"({"step": "event"})").error().kind == hv::ErrorKind::usage);
    CHECK(parse("/restart", R"({"within_ms": 1})").error().kind == hv::ErrorKind::usage);
    for (const char* body : {R"({"within_ms": -1})", R"({"within_ms": 172800001})", R"({"within_ms": "1"})"})
        CHECK(parse("/reboot", body).error().kind == hv::ErrorKind::usage);
}
