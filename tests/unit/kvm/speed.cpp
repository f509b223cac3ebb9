// SPDX-License-Identifier: Apache-2.0
// The verdict on /dev/kvm, for processors and emulations whose measurements are disturbed.
#include "hv/accel/kvm/speed.h"

#include <catch2/catch.hpp>
#include <set>

namespace {

/// A host whose entry and exit take `entry_ns`, and whose guest executes an instruction in `instruction_ns`. In the
/// measurements `disturbed`, another process takes the processor for 5 ms.
struct Host {
    double entry_ns, instruction_ns;
    std::set<int> disturbed;
    int measurements = 0;

    hv::KvmSpeed speed() {
        return hv::judge_speed([this](std::uint64_t iterations) -> hv::Result<std::uint64_t> {
                   const double disturbance = disturbed.contains(measurements++) ? 5e6 : 0;
                   return static_cast<std::uint64_t>(entry_ns + disturbance +
                                                     2.0 * instruction_ns * static_cast<double>(iterations));
               })
            .value();
    }
};

}  // namespace

TEST_CASE("kvm speed: a processor is fast, though entry and exit take long") {
    for (const double entry_ns : {500.0, 20'000.0, 100'000.0}) {
        CHECK(Host{.entry_ns = entry_ns, .instruction_ns = 0.3, .disturbed = {}}.speed().fast);
        CHECK(Host{.entry_ns = entry_ns, .instruction_ns = 0.3, .disturbed = {0, 1, 3, 5}}.speed().fast);
    }
}

TEST_CASE("kvm speed: an emulation is never taken for a processor") {
    for (const double instruction_ns : {500.0, 5'000.0, 20'000.0})
        for (const auto& disturbed : {std::set<int>{}, {0}, {0, 1}, {1}, {2, 3, 4, 5, 6, 7, 8}}) {
            const auto speed =
                Host{.entry_ns = 20'000, .instruction_ns = instruction_ns, .disturbed = disturbed}.speed();
            INFO(instruction_ns);
            CHECK_FALSE(speed.fast);
            CHECK(speed.emulated);
            CHECK(speed.reason.starts_with("ring 0 is emulated: "));
        }
}

TEST_CASE("kvm speed: a slow host is neither") {
    const auto speed = Host{.entry_ns = 20'000, .instruction_ns = 40, .disturbed = {}}.speed();
    CHECK_FALSE(speed.fast);
    CHECK_FALSE(speed.emulated);
}

TEST_CASE("kvm speed: a loop that fails is an error") {
    CHECK_FALSE(hv::judge_speed(
        [](std::uint64_t) -> hv::Result<std::uint64_t> { return hv::fail(hv::ErrorKind::host_lacks, "no loop"); }));
}
