// SPDX-License-Identifier: Apache-2.0
// Loss recovery over a simulated link: what is sent again, and what does not wait for a timer.
#include "kernel/net/tcp/loss_recovery.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <set>

#include "tests/unit/kernel/net/simulated_link.h"

using namespace tenon::net;
using tenon::test::SimulatedLink;
using Sent = SimulatedLink::Sent;

namespace {

/// The first transmissions of these segments are lost.
auto loses(std::set<std::uint32_t> segments) {
    return [segments](const Sent& sent) { return !sent.again && segments.contains(sent.index); };
}

auto loses_share(double share, unsigned seed) {
    return [share, random = std::mt19937(seed)](const Sent&) mutable {
        return std::uniform_real_distribution<double>(0, 1)(random) < share;
    };
}

}  // namespace

TEST_CASE("loss recovery: nothing is sent twice where nothing is lost") {
    for (const bool sack : {true, false}) {
        SimulatedLink link(sack);
        link.transfer(5000);
        CHECK(link.complete());
        CHECK(link.transmissions == 5000);
        CHECK(link.timeouts == 0);
        CHECK(link.sender.window() > 1'000'000);
    }
}

TEST_CASE("loss recovery: many losses in one window wait for no timer, and each is sent again once") {
    SimulatedLink link;
    link.transfer(300);
    std::set<std::uint32_t> segments;
    for (std::uint32_t i = 0; i < 40; ++i) segments.insert(400 + i * 3);
    link.lost = loses(segments);
    link.transfer(700);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.again == 40);
    CHECK(link.arrived_twice == 0);
}

TEST_CASE("loss recovery: a whole stretch of a window") {
    SimulatedLink link;
    link.transfer(300);
    std::set<std::uint32_t> segments;
    for (std::uint32_t i = 400; i < 480; ++i) segments.insert(i);
    link.lost = loses(segments);
    link.transfer(700);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.again == 80);
}

TEST_CASE("loss recovery: the loss of what was sent again is found without a timer") {
    SimulatedLink link;
    link.transfer(300);
    int times = 0;
    link.lost = [&](const Sent& sent) { return sent.index == 400 && times++ < 3; };
    link.transfer(2000);
    CHECK(link.complete());
    CHECK(link.again == 3);
    CHECK(link.timeouts == 0);
}

TEST_CASE("loss recovery: it counts what it sends again, and knows its state") {
    LossRecovery sender({.next = 0, .segment = 1000, .window = 10'000, .threshold = 1 << 20, .sack = true});
    sender.sent(10'000, 0);
    CHECK(sender.state() == LossRecovery::State::open);
    const std::array first{SequenceRange{2000, 3000}};
    sender.acknowledged({.number = 0, .blocks = first, .repeated = true}, 1000);
    CHECK(sender.state() == LossRecovery::State::disorder);
    CHECK(sender.retransmissions() == 0);
    const std::array rest{SequenceRange{2000, 10'000}};
    sender.acknowledged({.number = 0, .blocks = rest, .repeated = true}, 1000);
    CHECK(sender.state() == LossRecovery::State::recovery);
    CHECK(sender.flight().lost() == 2000);
    sender.resent(sender.to_resend(), 1001);
    CHECK(sender.retransmissions() == 1);
    CHECK(sender.flight().lost() == 1000);
    CHECK(sender.flight().resent_in_network() == 1000);
    sender.acknowledged({.number = 1000, .blocks = rest, .repeated = false}, 2001);
    CHECK(sender.flight().resent_in_network() == 0);
    sender.timed_out();
    CHECK(sender.state() == LossRecovery::State::loss);
    sender.resent(sender.to_resend(), 300'000);
    sender.acknowledged({.number = 10'000, .blocks = {}, .repeated = false}, 301'000);
    CHECK(sender.state() == LossRecovery::State::open);
    CHECK(sender.retransmissions() == 2);
}

TEST_CASE("loss recovery: the end of the data is found by a probe") {
    for (const std::uint32_t lost_from : {498u, 495u, 480u}) {
        SimulatedLink link;
        link.transfer(300);
        std::set<std::uint32_t> segments;
        for (std::uint32_t i = lost_from; i < 500; ++i) segments.insert(i);
        link.lost = loses(segments);
        const auto time = link.transfer(200);
        CHECK(link.complete());
        CHECK(link.timeouts == 0);
        CHECK(link.again == 500 - lost_from);
        CHECK(time < 100'000);
    }
}

TEST_CASE("loss recovery: a needless probe, and what it led to, is taken back") {
    SimulatedLink link;
    link.transfer(300);
    const std::uint32_t window = link.sender.window();
    // Every acknowledgement of the last flight comes late.
    link.late = [](const Sent& sent) { return sent.index >= 340 && !sent.again ? 30'000 : 0; };
    link.transfer(50);
    link.late = [](const Sent&) { return 0; };
    link.transfer(20'000);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.again <= 10);
    CHECK(link.sender.window() >= window);
}

TEST_CASE("loss recovery: the timeout comes when nothing else can, and backs to one segment") {
    SimulatedLink link;
    link.transfer(300);
    int drops = 0;
    link.lost = [&](const Sent& sent) { return sent.index >= 300 && drops++ < 40; };
    link.transfer(30);
    CHECK(link.complete());
    CHECK(link.timeouts >= 1);
    CHECK(link.timeouts <= 12);
}

TEST_CASE("loss recovery: segments that overtake others are no loss") {
    SimulatedLink link;
    std::mt19937 random(5);
    link.delay = 1000;
    link.late = [&](const Sent&) { return random() % 100 == 0 ? -1000 : 0; };
    const auto time = link.transfer(20'000);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.sender.reordering_seen());
    CHECK(link.again * 30 < link.transmissions);
    CHECK(time < 2 * 20'000 * SimulatedLink::time_of_segment);
}

TEST_CASE("loss recovery: late segments are no loss either") {
    SimulatedLink link;
    std::mt19937 random(6);
    link.late = [&](const Sent&) { return random() % 100 == 0 ? 300 : 0; };
    link.transfer(2000);
    const std::uint32_t again = link.again;
    link.transfer(20'000);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.again - again < 40);
    CHECK(link.sender.window() > 500'000);
}

TEST_CASE("loss recovery: a recovery from what was none is taken back") {
    SimulatedLink link;
    link.transfer(300);
    const std::uint32_t window = link.sender.window();
    link.late = [](const Sent& sent) { return sent.index == 350 && !sent.again ? 700 : 0; };
    link.transfer(1000);
    CHECK(link.again == 1);
    CHECK(link.arrived_twice == 1);
    CHECK(link.sender.window() >= window);
}

TEST_CASE("loss recovery: at random, everything arrives, and little of it twice") {
    for (const double share : {0.001, 0.01, 0.05}) {
        for (unsigned seed = 1; seed <= 3; ++seed) {
            SimulatedLink link;
            link.lost = loses_share(share, seed);
            link.transfer(20'000);
            INFO("share " << share << ", seed " << seed);
            CHECK(link.complete());
            CHECK(link.arrived_twice * 500 < link.transmissions);
            CHECK(link.timeouts <= (share > 0.02 ? 40u : 4u));
        }
    }
}

TEST_CASE("loss recovery: without SACK, NewReno") {
    SimulatedLink link(false);
    link.transfer(300);
    link.lost = loses({400, 402, 405, 430});
    link.transfer(700);
    CHECK(link.complete());
    CHECK(link.timeouts == 0);
    CHECK(link.again == 4);
    SimulatedLink link2(false);
    link2.lost = loses_share(0.01, 3);
    link2.transfer(5000);
    CHECK(link2.complete());
}

TEST_CASE("loss recovery: impossible blocks change nothing") {
    LossRecovery sender({.next = 1000, .segment = 100, .window = 1000, .threshold = 1 << 20, .sack = true});
    for (Sequence end = 1100; end <= 2000; end += 100) sender.sent(end, 0);
    std::mt19937 engine(1);
    const auto random = [&] { return static_cast<Sequence>(engine()); };
    for (int i = 0; i < 20'000; ++i) {
        std::array<SequenceRange, 4> blocks;
        for (auto& block : blocks) {
            block.begin = random() % 4 == 0 ? random() : 500 + random() % 2000;
            block.end = random() % 4 == 0 ? random() : block.begin + random() % 400;
        }
        sender.acknowledged({.number = 1000, .blocks = blocks, .repeated = false}, static_cast<Microseconds>(i));
        const SequenceRange again = sender.to_resend();
        if (again.size() != 0) sender.resent(again, static_cast<Microseconds>(i));
        const Flight& flight = sender.flight();
        REQUIRE(flight.begin() == 1000);
        REQUIRE(flight.end() == 2000);
        REQUIRE(flight.sacked() + flight.lost() + flight.in_network() == 1000);
        REQUIRE(flight.spans() <= 1000);
    }
    sender.acknowledged({.number = 2000, .blocks = {}, .repeated = false}, 20'001);
    CHECK(sender.flight().empty());
    CHECK(sender.flight().sacked() == 0);
    CHECK(sender.flight().lost() == 0);
}
