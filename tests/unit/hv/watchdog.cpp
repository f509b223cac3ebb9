// SPDX-License-Identifier: Apache-2.0
// The conditions for declaring a guest hung: with time, processor and signs of life of the test's own.
#include "hv/watchdog/watchdog.h"

#include <catch2/catch.hpp>

namespace {

using namespace hv;

constexpr std::uint64_t ms = 1'000'000, limit = 1000 * ms, step = limit / 4;

struct FakeSign final : LifeSign {
    [[nodiscard]] const char* missing() const override { return what; }
    [[nodiscard]] bool needs_no_question() const override { return free; }
    void ask() override { ++questions; }
    [[nodiscard]] bool answered() override { return answers; }
    void forget() override { ++forgotten; }
    const char* what = "no word";
    bool free = false, answers = true;
    int questions = 0, forgotten = 0;
};

/// A guest that is checked four times in a limit.
struct Fixture {
    std::unique_ptr<EventLoop> loop = std::move(*EventLoop::create());
    GuestActivity activity = GuestActivity::running;
    std::uint64_t now = 77 * ms, cpu = 0;
    std::string reason;
    FakeSign* sign = nullptr;
    Watchdog watchdog{*loop,
                      limit,
                      {[this] { return activity; }, [this] { return cpu; }, [this] { return now; }},
                      [this](std::string why) { reason = std::move(why); }};

    Fixture() {
        auto made = std::make_unique<FakeSign>();
        sign = made.get();
        watchdog.add(std::move(made));
        watchdog.start();
    }
    /// `looks` of them, until it is hung; the guest uses `share` per cent of a processor. Returns how many it took.
    int live(int looks, unsigned share = 100) {
        for (int look = 1; look <= looks; ++look) {
            now += step;
            cpu += step * share / 100;
            watchdog.look();
            if (!reason.empty()) return look;
        }
        return 0;
    }
};

}  // namespace

TEST_CASE("watchdog: a guest that answers is asked twice in a limit, and lives") {
    Fixture guest;
    CHECK(guest.live(80) == 0);
    CHECK(guest.sign->questions >= 25);
    CHECK(guest.sign->questions <= 40);
}

TEST_CASE("watchdog: a guest that shows by itself that it lives is never asked") {
    Fixture guest;
    guest.sign->free = true;
    guest.activity = GuestActivity::sleeping;
    CHECK(guest.live(80, 0) == 0);
    CHECK(guest.sign->questions == 0);
}

TEST_CASE("watchdog: a guest that spins and does not answer is hung after the limit") {
    Fixture guest;
    guest.sign->answers = false;
    CHECK(guest.live(20) == 4);
    CHECK(guest.reason == "hung: no word for 1.0 s");
    CHECK(guest.sign->questions == 1);
    CHECK(guest.sign->forgotten == 1);
}

TEST_CASE("watchdog: silence counts from the last answer") {
    Fixture guest;
    // The last of these checks sees the third answer.
    CHECK(guest.live(9) == 0);
    CHECK(guest.sign->questions == 3);
    guest.sign->answers = false;
    CHECK(guest.live(20) == 4);
}

TEST_CASE("watchdog: a guest that sleeps and does not answer is hung, though it uses no processor") {
    Fixture guest;
    guest.sign->answers = false;
    guest.activity = GuestActivity::sleeping;
    guest.watchdog.start();
    CHECK(guest.live(20, 0) == 4);
}

TEST_CASE("watchdog: a guest that the host lets starve is given its time") {
    Fixture guest;
    guest.sign->answers = false;
    SECTION("a tenth of a processor") { CHECK(guest.live(100, 10) == 40); }
    SECTION("nothing at all") { CHECK(guest.live(1000, 0) == 0); }
}

TEST_CASE("watchdog: of two signs that are missing, the one that the other depends on is told") {
    Fixture guest;
    auto made = std::make_unique<FakeSign>();
    FakeSign* second = made.get();
    second->what = "no second word";
    guest.watchdog.add(std::move(made));
    guest.watchdog.start();
    CHECK(guest.live(9) == 0);
    second->answers = false;
    SECTION("the second one alone is judged when the first one has answered") {
        CHECK(guest.live(20) > 0);
        CHECK(guest.sign->questions > 3);
        CHECK(guest.reason.starts_with("hung: no second word"));
    }
    SECTION("both, the second one for longer") {
        CHECK(guest.live(2) == 0);
        guest.sign->answers = false;
        CHECK(guest.live(20) > 0);
        CHECK(guest.reason.starts_with("hung: no word"));
    }
}

TEST_CASE("watchdog: a guest that is held is not hung, however long") {
    Fixture guest;
    guest.sign->answers = false;
    guest.activity = GuestActivity::held;
    CHECK(guest.live(1000, 0) == 0);
    // After the debugger has detached, the guest has the whole limit to answer.
    guest.activity = GuestActivity::running;
    CHECK(guest.live(3) == 0);
    guest.sign->answers = true;
    CHECK(guest.live(20) == 0);
}

TEST_CASE("watchdog: an hv that was stopped itself finds no guest hung") {
    Fixture guest;
    guest.activity = GuestActivity::sleeping;
    CHECK(guest.live(2, 0) == 0);
    guest.sign->answers = false;
    guest.now += 3600 * 1000 * ms;
    guest.watchdog.look();
    CHECK(guest.reason.empty());
    guest.sign->answers = true;
    CHECK(guest.live(20, 0) == 0);
}

TEST_CASE("watchdog: after a pause everything counts as just seen, and no answer is waited for") {
    Fixture guest;
    guest.sign->answers = false;
    CHECK(guest.live(3) == 0);
    guest.watchdog.stop();
    CHECK(guest.sign->forgotten == 1);
    guest.now += 100 * limit;
    guest.watchdog.start();
    CHECK(guest.live(3) == 0);
    CHECK(guest.live(1) == 1);
}

TEST_CASE("watchdog: what a process does is read from its status") {
    const auto of = [](std::string_view state) {
        return parse_activity("Name:\ttenon-guest\nUmask:\t0022\nState:\t" + std::string(state) + "\nTgid:\t1\n");
    };
    CHECK(of("R (running)") == GuestActivity::running);
    CHECK(of("S (sleeping)") == GuestActivity::sleeping);
    for (const char* state : {"T (stopped)", "t (tracing stop)", "D (disk sleep)", "Z (zombie)", "X (dead)", "?"})
        CHECK(of(state) == GuestActivity::held);
    for (const char* text : {"", "State:\tR", "Name:\tx\nState:\t", "Name:\tx\n"}) CHECK_FALSE(parse_activity(text));
    // A guest that has ended is not hung.
    CHECK(read_activity(FileDescriptor()) == GuestActivity::held);
}
