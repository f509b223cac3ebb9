// SPDX-License-Identifier: Apache-2.0
#include "hv/supervise/outcome.h"

#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>

using hv::GuestEnd;
using hv::Notice;
using Kind = hv::MachineEnding::Kind;

namespace {

Notice last_words(GuestEnd::Kind end, const char* text = "") {
    Notice notice{.kind = Notice::Kind::ended, .end = end, .exit_code = 0, .text = {}};
    std::strncpy(notice.text, text, sizeof notice.text - 1);
    return notice;
}

}  // namespace

TEST_CASE("a life ends as its last words say", "[outcome]") {
    const auto shut_down = hv::outcome_of(last_words(GuestEnd::Kind::shut_down), {.exit_code = 7, .signal = 0});
    CHECK(shut_down.ending.kind == Kind::shut_down);
    CHECK(shut_down.ending.exit_code == 7);
    CHECK_FALSE(shut_down.killed);
    CHECK(hv::outcome_of(last_words(GuestEnd::Kind::reboot), {.exit_code = 0, .signal = 0}).ending.kind ==
          Kind::reboot);
    const auto crashed =
        hv::outcome_of(last_words(GuestEnd::Kind::crashed, "abort()"), {.exit_code = 107, .signal = 0});
    CHECK(crashed.ending.kind == Kind::crashed);
    CHECK(crashed.reason == "abort()");
    const auto killed = hv::outcome_of(last_words(GuestEnd::Kind::killed), {.exit_code = 108, .signal = 0});
    CHECK(killed.killed);
    CHECK(killed.reason == "killed");
}

TEST_CASE("a signal to hv goes before what it had said; without words it never started", "[outcome]") {
    const auto signalled = hv::outcome_of(last_words(GuestEnd::Kind::shut_down), {.exit_code = 108, .signal = SIGKILL});
    CHECK(signalled.ending.kind == Kind::failed);
    CHECK(signalled.reason == "its hv was ended by signal 9");
    const auto silent = hv::outcome_of({}, {.exit_code = 101, .signal = 0});
    CHECK(silent.ending.kind == Kind::failed);
    CHECK(silent.reason == "it could not be started");
    CHECK_FALSE(silent.killed);
}
