// SPDX-License-Identifier: Apache-2.0
// Freezing and thawing, in time and late.
#include "fixture.h"

using namespace tenon::tools;
using tenon::tools::test::second;
using Fixture = tenon::tools::test::SessionFixture;

TEST_CASE_METHOD(Fixture, "freeze: a frozen machine answers only what does not change it") {
    CHECK(returned("guest-fsfreeze-status") == "thawed");
    CHECK(returned("guest-fsfreeze-freeze") == 1);
    CHECK(returned("guest-fsfreeze-status") == "frozen");
    CHECK(returned("guest-ping") == Json::object());
    CHECK(returned("guest-sync", R"({"id":1})") == 1);
    CHECK(returned("guest-info").contains("version"));
    for (const char* name : {"guest-get-time", "guest-shutdown", "guest-fsfreeze-freeze", "guest-get-osinfo"}) {
        CHECK(call(name)["error"]["class"] == "CommandNotFound");
        CHECK(error(name).find("frozen") != std::string::npos);
    }
    CHECK(guest.shutdowns.empty());
    CHECK(returned("guest-fsfreeze-thaw") == 1);
    CHECK(guest.thaws == 1);
    CHECK(returned("guest-get-time") == guest.real);
    CHECK(returned("guest-fsfreeze-thaw") == 0);
    CHECK(guest.thaws == 1);
}

TEST_CASE_METHOD(Fixture, "freeze: a list of mount points freezes the program too") {
    CHECK(returned("guest-fsfreeze-freeze-list", R"({"mountpoints":["/"]})") == 1);
    CHECK(returned("guest-fsfreeze-thaw") == 1);
}

TEST_CASE_METHOD(Fixture, "freeze: nobody to freeze is no error") {
    guest.handlers = 0;
    CHECK(returned("guest-fsfreeze-freeze") == 0);
    CHECK(returned("guest-fsfreeze-status") == "frozen");
}

TEST_CASE_METHOD(Fixture, "freeze: it ends by itself after ten seconds, and says so") {
    CHECK(returned("guest-fsfreeze-freeze") == 1);
    CHECK(session.due() <= guest.monotonic + 10 * second);
    guest.monotonic += 10 * second - 1;
    session.work();
    CHECK(returned("guest-fsfreeze-status") == "frozen");
    guest.monotonic += 1;
    session.work();
    CHECK(guest.thaws == 1);
    CHECK(guest.said.size() == 1);
    CHECK(returned("guest-fsfreeze-status") == "thawed");
    CHECK(returned("guest-fsfreeze-thaw") == 0);
    CHECK(returned("tenon-get-freeze")["thawed-by-itself"] == 1);
    // A client that leaves does not thaw it: the next one may be the same.
    CHECK(returned("guest-fsfreeze-freeze") == 1);
    session.reset();
    CHECK(returned("guest-fsfreeze-status") == "frozen");
}

TEST_CASE_METHOD(Fixture,
                 "freeze: a program that refuses, is late, or does not come back is an error, and nothing is frozen") {
    for (const auto why : {FreezeFailure::refused, FreezeFailure::too_slow, FreezeFailure::busy}) {
        guest.freeze_failure = why;
        CHECK(error("guest-fsfreeze-freeze").find("program") != std::string::npos);
        CHECK(returned("guest-fsfreeze-status") == "thawed");
    }
    guest.freeze_failure = {};
    guest.thaw_failure = FreezeFailure::too_slow;
    CHECK(returned("guest-fsfreeze-freeze") == 1);
    CHECK(error("guest-fsfreeze-thaw").find("time limit") != std::string::npos);
    CHECK(returned("guest-fsfreeze-status") == "thawed");
}
