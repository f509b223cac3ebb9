// SPDX-License-Identifier: Apache-2.0
// The policy of hv balance, by simulation: it converges, keeps reservations, is fair, and does not swing.
#include <catch2/catch.hpp>

#include "balance_simulation.h"
#include "hv/balance/policy.h"

namespace {

using namespace hv::balance;

std::function<std::uint64_t(std::uint64_t)> wave(std::uint64_t low, std::uint64_t high, std::uint64_t period) {
    return [=](std::uint64_t second) { return second % period < period / 2 ? low : high; };
}

/// Two machines that use little and cache much, on a host that is nearly full.
Simulation crowded(std::uint32_t first_shares = 1000, std::uint32_t second_shares = 1000) {
    Simulation s{.total = 1024 * MiB,
                 .machines = {machine("a", 512 * MiB, 64 * MiB, always(40 * MiB), first_shares),
                              machine("b", 512 * MiB, 64 * MiB, always(40 * MiB), second_shares)}};
    for (auto& m : s.machines) m.sample.resident = 480 * MiB;
    return s;
}

}  // namespace

TEST_CASE("balance: without pressure nothing is done") {
    Simulation s{.total = 1024 * MiB,
                 .machines = {machine("a", 512 * MiB, 64 * MiB, always(200 * MiB)),
                              machine("b", 512 * MiB, 64 * MiB, wave(50 * MiB, 300 * MiB, 20))}};
    s.run(600);
    CHECK(s.log.empty());
}

TEST_CASE("balance: sudden pressure is answered until the host has enough again") {
    Simulation s = crowded();
    s.run(60);
    CHECK(s.available() >= s.total * 14 / 100);
    CHECK(s.reservations_violated == 0);
    // Reports and zero pages come first.
    REQUIRE(!s.log.empty());
    CHECK(s.log.front().kind == Action::Kind::reclaim);
    const std::size_t steps = s.log.size();
    s.run(600);
    CHECK(s.log.size() - steps <= s.machines.size() * 12);  // the reports, and nothing else, if anything
    for (const auto& m : s.machines) CHECK(m.turns == 0);
}

TEST_CASE("balance: a slow leak is followed in small steps") {
    Simulation s = crowded();
    s.other = [](std::uint64_t second) { return second * MiB; };
    s.run(400);
    CHECK(s.available() >= s.total * 5 / 100);
    CHECK(s.reservations_violated == 0);
    for (const auto& m : s.machines) CHECK(m.turns == 0);
}

TEST_CASE("balance: what pressure took is given back when it ends") {
    Simulation s = crowded();
    s.other = [](std::uint64_t second) { return second < 120 ? 300 * MiB : 0; };
    s.run(119);
    const std::uint64_t taken = s.find("a")->sample.balloon_target;
    CHECK(taken > 100 * MiB);
    s.run(900);
    CHECK(s.find("a")->sample.balloon_target < taken / 2);
    CHECK(s.available() >= s.total * 10 / 100);
    for (const auto& m : s.machines) CHECK(m.turns <= 2);
}

TEST_CASE("balance: a machine alone on a host that has memory again gets all of it") {
    Simulation s{.total = 1024 * MiB, .machines = {machine("a", 512 * MiB, 64 * MiB, always(40 * MiB))}};
    s.find("a")->sample.resident = 500 * MiB;
    s.other = [](std::uint64_t second) { return second < 60 ? 600 * MiB : 0; };
    s.run(59);
    REQUIRE(s.find("a")->sample.balloon_target > 0);
    s.run(600);
    CHECK(s.find("a")->sample.balloon_target == 0);
}

TEST_CASE("balance: square waves of any period turn it rarely") {
    const std::uint64_t period = GENERATE(2, 5, 10, 30, 60, 120, 600, 1200);
    INFO("period " << period);
    Simulation s = crowded();
    s.other = wave(0, 400 * MiB, period);
    constexpr std::uint64_t seconds = 3600;
    s.run(seconds);
    CHECK(s.reservations_violated == 0);
    // Not more often than the wave itself, and at most twice in each 30 s of calm that giving back waits for.
    for (const auto& m : s.machines) {
        CHECK(static_cast<std::uint64_t>(m.turns) <= 2 * seconds / period + 2);
        CHECK(static_cast<std::uint64_t>(m.turns) <= seconds / 30);
    }
}

TEST_CASE("balance: demand that moves from one machine to the other is followed without swinging") {
    const std::uint64_t period = GENERATE(60, 300, 900);
    INFO("period " << period);
    Simulation s{.total = 768 * MiB,
                 .machines = {machine("a", 512 * MiB, 64 * MiB, wave(40 * MiB, 400 * MiB, period)),
                              machine("b", 512 * MiB, 64 * MiB, wave(400 * MiB, 40 * MiB, period))}};
    s.run(3600);
    CHECK(s.reservations_violated == 0);
    for (const auto& m : s.machines) CHECK(m.turns <= static_cast<int>(3600 / period) * 4 + 4);
    // Each gets what it needs, in the end of its busy half.
    CHECK(s.find("b")->used + s.find("a")->used >= 400 * MiB);
}

TEST_CASE("balance: a machine that refuses is left alone for a while, and others give") {
    Simulation s = crowded();
    s.find("a")->refuses = true;
    s.run(120);
    CHECK(s.available() >= s.total * 10 / 100);
    CHECK(s.find("b")->sample.ballooned > 0);
    CHECK(s.reservations_violated == 0);
    int refusals = 0;
    for (const Action& action : s.log) refusals += action.reason.starts_with("it gives no more") ? 1 : 0;
    CHECK(refusals >= 1);
    CHECK(refusals <= 2);
}

TEST_CASE("balance: without fresh statistics, shares alone decide, down to the reservation") {
    Simulation s = crowded(1000, 3000);
    for (auto& m : s.machines) m.silent = true;
    s.other = always(400 * MiB);
    s.run(120);
    CHECK(s.reservations_violated == 0);
    CHECK(s.find("a")->sample.resident < s.find("b")->sample.resident);
}

TEST_CASE("balance: statistics that are stale are not believed") {
    Policy policy;
    MachineSample sample = machine("a", 512 * MiB, 64 * MiB, always(0)).sample;
    sample.resident = 500 * MiB;
    sample.guest = GuestSample{500 * MiB, 500 * MiB, 512 * MiB, 0, 60'000};
    const HostSample host{1024 * MiB, 20 * MiB, 0, {}};
    for (const Action& action : policy.decide(1, host, std::span(&sample, 1)))
        if (action.kind == Action::Kind::balloon) CHECK(action.reason.contains("idle 0 MiB"));
}

TEST_CASE("balance: idle memory is taken before used memory") {
    Simulation s{.total = 1024 * MiB,
                 .machines = {machine("busy", 512 * MiB, 64 * MiB, always(440 * MiB)),
                              machine("idle", 512 * MiB, 64 * MiB, always(40 * MiB))}};
    s.find("idle")->sample.resident = 500 * MiB;
    s.run(120);
    CHECK(s.find("idle")->sample.balloon_target > 0);
    CHECK(s.find("busy")->used == 440 * MiB);
}

TEST_CASE("balance: what is left is in proportion to shares") {
    Simulation s = crowded(1000, 2000);
    s.other = always(400 * MiB);
    s.run(300);
    const auto a = static_cast<double>(s.find("a")->sample.resident);
    const auto b = static_cast<double>(s.find("b")->sample.resident);
    // Pages for each share, weighed by idleness: the larger one is idler, and pays the tax for it.
    const double price_a = a / funding(1000, 40 * MiB, static_cast<std::uint64_t>(a));
    const double price_b = b / funding(2000, 40 * MiB, static_cast<std::uint64_t>(b));
    CHECK(b > a * 1.3);
    CHECK(price_a / price_b > 0.8);
    CHECK(price_a / price_b < 1.25);
}

TEST_CASE("balance: a machine that is not overcommitted keeps its memory") {
    Simulation s = crowded();
    SimulatedMachine* a = s.find("a");
    a->sample.reservation = a->sample.configured;
    a->sample.overcommit = false;
    s.swap_free = 4096 * MiB;
    s.other = always(200 * MiB);
    s.run(300);
    CHECK(a->sample.balloon_target == 0);
    CHECK(a->sample.swapped == 0);
    CHECK(s.find("b")->sample.balloon_target > 0);
}

TEST_CASE("balance: a limit holds without pressure too") {
    Simulation s{.total = 4096 * MiB, .machines = {machine("a", 512 * MiB, 256 * MiB, always(40 * MiB))}};
    s.find("a")->sample.limit = 256 * MiB;
    s.find("a")->sample.overcommit = false;
    s.run(600);
    CHECK(s.find("a")->sample.balloon_target == 256 * MiB);
    CHECK(s.log.size() == 1);
}

TEST_CASE("balance: swap comes last, with swap only, and leaves the reservation") {
    const std::uint64_t swap = GENERATE(0, 1024 * MiB);
    Simulation s{.total = 512 * MiB,
                 .machines = {machine("a", 512 * MiB, 100 * MiB, always(300 * MiB)),
                              machine("b", 512 * MiB, 100 * MiB, always(250 * MiB))},
                 .swap_free = swap};
    s.run(60);
    CHECK((s.counts[Action::Kind::page_out] > 0) == (swap != 0));
    CHECK(s.reservations_violated == 0);
}

TEST_CASE("balance: pages are merged only for machines that allow it, and only when balloons are not enough") {
    const bool allowed = GENERATE(false, true);
    Simulation s{.total = 512 * MiB,
                 .machines = {machine("a", 512 * MiB, 100 * MiB, always(300 * MiB)),
                              machine("b", 512 * MiB, 100 * MiB, always(250 * MiB))}};
    s.find("a")->sample.ksm = allowed;
    s.run(60);
    CHECK(s.counts[Action::Kind::ksm] == (allowed ? 1 : 0));
}

TEST_CASE("balance: machines come and go") {
    Simulation s = crowded();
    s.run(30);
    s.machines.push_back(machine("c", 256 * MiB, 32 * MiB, always(100 * MiB)));
    s.run(120);
    CHECK(s.available() >= s.total * 10 / 100);
    s.machines.erase(s.machines.begin());
    s.run(600);
    CHECK(s.reservations_violated == 0);
    for (const auto& m : s.machines) CHECK(m.turns <= 2);
    // A machine that does not answer gets no decisions.
    s.log.clear();
    for (auto& m : s.machines) m.absent = true;
    s.other = always(1024 * MiB);
    s.run(60);
    CHECK(s.log.empty());
}

TEST_CASE("balance: a budget that shrinks is followed") {
    Simulation s = crowded();
    s.run(60);
    s.total = 512 * MiB;
    s.run(120);
    CHECK(s.available() >= s.total * 14 / 100);
    CHECK(s.reservations_violated == 0);
}

TEST_CASE("balance: a guest with nothing left gets some back from one that has idle memory") {
    Simulation s{.total = 1024 * MiB,
                 .machines = {machine("a", 512 * MiB, 64 * MiB,
                                      [](std::uint64_t second) { return second < 100 ? 40 * MiB : 300 * MiB; }),
                              machine("b", 800 * MiB, 64 * MiB, always(100 * MiB))}};
    s.find("a")->sample.resident = 400 * MiB;
    s.find("b")->sample.resident = 600 * MiB;
    s.other = always(350 * MiB);
    s.run(99);
    REQUIRE(s.find("a")->sample.balloon_target > 250 * MiB);
    s.run(300);
    CHECK(s.find("a")->used == 300 * MiB);
    CHECK(s.find("a")->turns <= 3);
}

TEST_CASE("balance: stalls count as pressure while little is left, and not while there is plenty") {
    for (const std::uint64_t left : {180 * MiB, 600 * MiB}) {
        Policy policy;
        MachineSample sample = machine("a", 512 * MiB, 64 * MiB, always(0)).sample;
        sample.resident = 400 * MiB;
        const HostSample host{1024 * MiB, left, 0, Pressure{40, 1}};
        CHECK(policy.decide(1, host, std::span(&sample, 1)).empty() == (left > 200 * MiB));
        CHECK(policy.under_pressure() == (left < 200 * MiB));
    }
}

TEST_CASE("balance: samples that make no sense harm nobody") {
    const std::uint64_t odd = GENERATE(0ULL, 1ULL, ~0ULL, ~0ULL / 2);
    Policy policy;
    MachineSample sample;
    sample.name = "odd";
    sample.overcommit = true;
    sample.configured = sample.resident = sample.ballooned = sample.balloon_target = sample.limit = odd;
    sample.reservation = odd / 2;
    sample.guest = GuestSample{odd, odd, ~odd, odd, 0};
    MachineSample good = machine("good", 512 * MiB, 64 * MiB, always(0)).sample;
    good.resident = 500 * MiB;
    const MachineSample both[] = {sample, good};
    for (std::uint64_t now = 1; now < 60'000; now += 1000)
        for (const Action& action : policy.decide(now, {1024 * MiB, 10 * MiB, 0, {}}, both))
            if (action.machine == "good" && action.kind == Action::Kind::balloon)
                CHECK(action.bytes <= good.configured - good.reservation);
}

TEST_CASE("balance: one line says what and why") {
    CHECK(action_text({Action::Kind::balloon, "web1", 64 * MiB, 0, "because"}) ==
          "machine 'web1': balloon 0 -> 64 MiB (because)");
    CHECK(action_text({Action::Kind::page_out, "web1", 3 * MiB, 0, "because"}) ==
          "machine 'web1': 3 MiB to swap (because)");
    CHECK(action_text({Action::Kind::ksm, "", 1, 0, "because"}) == "host: merging of identical pages on (because)");
}

TEST_CASE("funding: the idle part of memory is taxed") {
    CHECK(funding(1000, 100, 100) == Approx(1000));
    CHECK(funding(1000, 0, 100) == Approx(250));
    CHECK(funding(1000, 50, 100) == Approx(400));
    CHECK(funding(1000, 200, 100) == Approx(1000));
    CHECK(funding(1000, 0, 0) == Approx(1000));
}

TEST_CASE("funding: taking and giving stop at bounds and at the amount") {
    const Claim claims[] = {{100 * MiB, 20 * MiB, 1000}, {100 * MiB, 90 * MiB, 1000}, {50 * MiB, 0, 4000}};
    auto left = take(claims, 40 * MiB);
    CHECK(left[0] + left[1] + left[2] == Approx(210 * MiB));
    CHECK(left[1] == 90 * MiB);
    CHECK(left[2] == 50 * MiB);
    left = take(claims, 10'000 * MiB);
    CHECK(left == std::vector<std::uint64_t>{20 * MiB, 90 * MiB, 0});
    CHECK(take(claims, 0) == std::vector<std::uint64_t>{100 * MiB, 100 * MiB, 50 * MiB});
    const Claim wanting[] = {{10 * MiB, 100 * MiB, 1000}, {10 * MiB, 100 * MiB, 3000}};
    const auto had = give(wanting, 60 * MiB);
    CHECK(had[0] == Approx(20 * MiB).epsilon(0.01));
    CHECK(had[1] == Approx(60 * MiB).epsilon(0.01));
    CHECK(give(wanting, 1'000 * MiB) == std::vector<std::uint64_t>{100 * MiB, 100 * MiB});
    CHECK(take({}, 5).empty());
}
