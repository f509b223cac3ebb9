// SPDX-License-Identifier: Apache-2.0
// Events as sentences.
#include "hv/cli/event_text.h"

#include "hv/core/json_section.h"
#include "hv/supervise/event_log.h"

// Catch2 has a CHECK of its own.
#undef CHECK
#include <catch2/catch.hpp>

using namespace hv;

namespace {

std::string text_of_event(std::string_view event, const EventFields& fields) {
    return event_text(Json::parse(event_line(1'796'040'000.25, "web", event, fields)));
}

}  // namespace

TEST_CASE("an event is one plain line", "[events]") {
    const std::string begin = "2026-11-30T12:00:00.250Z web: ";
    CHECK(text_of_event("created", {{"image", "/a.elf"}}) == begin + "created from /a.elf");
    CHECK(text_of_event("started", {{"accelerator", "pv"}, {"restarts", "0"}}) == begin + "started on pv");
    CHECK(text_of_event("restarted", {{"accelerator", "pv"}, {"restarts", "2"}, {"reboot", "agent"}}) ==
          begin + "started again on pv, restart 2, for a reboot at the step agent");
    CHECK(text_of_event("ready", {}) == begin + "the program is ready");
    CHECK(text_of_event("paused", {}) == begin + "paused");
    CHECK(text_of_event("stop-asked", {{"step", "event"}}) == begin + "asked to stop, at the step event");
    CHECK(text_of_event("crashed", {{"reason", "abort()"}}) == begin + "crashed: abort()");
    CHECK(text_of_event("ended", {{"exit_code", "0"}, {"reason", "shut down"}, {"stop", "event"}}) ==
          begin + "ended with exit code 0 (shut down), stopped at the step event");
    CHECK(text_of_event("ready", {{"suppressed", "7"}}) ==
          begin + "the program is ready; 7 events before it were not logged");
    CHECK(text_of_event("of-a-newer-hv", {}) == begin + "of-a-newer-hv");
}

TEST_CASE("an event that is damaged or hostile is one line all the same", "[events]") {
    CHECK(event_text(Json::parse("{}")) == "1970-01-01T00:00:00.000Z : ");
    CHECK(event_text(Json::parse(R"({"time": 1e300, "machine": 7, "event": ["x"]})")) == "9999-12-31T23:59:59.999Z : ");
    const std::string hostile = event_text(
        Json::parse(R"({"time": 0, "machine": "a\n", "event": "crashed", "reason": "\u001b[2J\u202e\nfake line"})"));
    CHECK(hostile == "1970-01-01T00:00:00.000Z a?: crashed: ?[2J??fake line");
}
