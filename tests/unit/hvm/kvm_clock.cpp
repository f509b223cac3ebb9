// SPDX-License-Identifier: Apache-2.0
// Finding KVM's clock, and having it filled, on a processor of the test's own.
#include "kernel/platform/hvm/kvm_clock.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <map>
#include <vector>

#include "kernel/base/address.h"

using namespace tenon;
using namespace tenon::hvm;

namespace {

constexpr std::uint32_t system_time_msr = 0x4B56'4D01, wall_clock_msr = 0x4B56'4D00;
constexpr std::uint64_t year_2100 = 4'102'444'800;

/// State behind the instructions, for which KvmCalls has no room.
struct Hypervisor {
    std::map<std::uint32_t, CpuidResult> leaves;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> writes;
    unsigned questions = 0;
    bool fills = true;
    std::uint64_t seconds = year_2100, nanoseconds = 123;

    void sign(std::uint32_t base, const char* name, std::uint32_t highest) {
        std::uint32_t words[3];
        std::memcpy(words, name, sizeof words);
        leaves[base] = {highest, words[0], words[1], words[2]};
    }
    void write(std::uint32_t number, std::uint64_t value) {
        writes.emplace_back(number, value);
        if (!fills) return;
        if (number == system_time_msr && (value & 1) != 0) {
            auto& clock = *to_pointer<abi::PvClock>(PhysicalAddress{value - 1});
            clock.version = 2;
            clock.tsc_to_system_mul = 1U << 31;
            clock.flags = 1;
        }
        if (number == wall_clock_msr) {
            const std::uint32_t record[3] = {2, static_cast<std::uint32_t>(seconds),
                                             static_cast<std::uint32_t>(nanoseconds)};
            std::memcpy(to_pointer(PhysicalAddress{value}), record, sizeof record);
        }
    }
};
Hypervisor* hypervisor = nullptr;

constexpr KvmCalls calls{
    .ask =
        [](std::uint32_t leaf) {
            ++hypervisor->questions;
            const auto found = hypervisor->leaves.find(leaf);
            return found != hypervisor->leaves.end() ? found->second : CpuidResult{};
        },
    .write_msr = [](std::uint32_t number, std::uint64_t value) { hypervisor->write(number, value); }};

struct Fixture : Hypervisor {
    alignas(64) abi::ClockPage page{};
    Fixture() {
        hypervisor = this;
        leaves[1] = {0, 0, 1U << 31, 0};
    }
    void be_kvm(std::uint32_t base, std::uint32_t features) {
        sign(base, "KVMKVMKVM\0\0", base + 1);
        leaves[base + 1] = {features, 0, 0, 0};
    }
    [[nodiscard]] bool start() { return use_kvm_clock(page, calls); }
};

constexpr std::uint32_t first = 0x4000'0000, clock_feature = 1 << 3;

}  // namespace

TEST_CASE("kvm-clock: KVM gets the page's address, and its wall clock is taken") {
    Fixture f;
    f.be_kvm(first, clock_feature | 1);
    REQUIRE(f.start());
    REQUIRE(f.writes.size() == 2);
    CHECK(f.writes[0] == std::pair{system_time_msr, to_integer(to_physical(&f.page.clock)) | 1});
    CHECK(f.writes[1].first == wall_clock_msr);
    CHECK(f.page.wall.realtime_ns == year_2100 * 1'000'000'000 + 123);
    CHECK(f.page.wall.system_time == 0);
    CHECK(f.page.generation.load() == 0);
    // KVM requires 4-byte alignment; within a cache line its write is a single one.
    CHECK(f.writes[0].second % 64 == 1);
    static_assert(offsetof(abi::ClockPage, clock) == 0 && sizeof(abi::PvClock) <= 64);
}

TEST_CASE("kvm-clock: behind the leaves of another hypervisor that KVM plays") {
    Fixture f;
    f.sign(first, "Microsoft Hv", first + 0x0B);
    f.be_kvm(first + 0x100, clock_feature);
    CHECK(f.start());
}

TEST_CASE("kvm-clock: an old KVM that says 0 for its highest leaf") {
    Fixture f;
    f.be_kvm(first, clock_feature);
    f.leaves[first].eax = 0;
    CHECK(f.start());
}

TEST_CASE("kvm-clock: without it nothing is written, and few questions are asked") {
    Fixture f;
    SECTION("no hypervisor: what its leaves hold says nothing") {
        f.leaves[1].ecx = 0;
        f.be_kvm(first, clock_feature);
    }
    SECTION("QEMU's emulation") { f.sign(first, "TCGTCGTCGTCG", first + 1); }
    SECTION("another one alone") { f.sign(first, "VMwareVMware", first + 0x10); }
    SECTION("another one with KVM's features where KVM has them") {
        f.sign(first, "Microsoft Hv", first + 5);
        f.leaves[first + 1] = {clock_feature, 0, 0, 0};
    }
    SECTION("KVM without the clock") { f.be_kvm(first, ~clock_feature); }
    SECTION("leaves that are no leaves") { f.leaves[first] = {~0U, ~0U, ~0U, ~0U}; }
    SECTION("a hypervisor that signs every block") {
        for (std::uint32_t base = first; base < first + 0x10'0000; base += 0x100) f.sign(base, "Endless_____", base);
    }
    CHECK_FALSE(f.start());
    CHECK(f.writes.empty());
    CHECK(f.questions <= 2 + 0x100);
    CHECK(f.page.clock.tsc_to_system_mul == 0);
}

TEST_CASE("kvm-clock: one that takes the address and fills nothing in is given up") {
    Fixture f;
    f.be_kvm(first, clock_feature);
    f.fills = false;
    CHECK_FALSE(f.start());
    REQUIRE(f.writes.size() == 2);
    CHECK(f.writes[1] == std::pair{system_time_msr, std::uint64_t{0}});
}

TEST_CASE("kvm-clock: after a pause the wall clock is asked for, and the generation is another one") {
    Fixture f;
    f.be_kvm(first, clock_feature);
    REQUIRE(f.start());
    CHECK_FALSE(was_paused(f.page));
    f.page.clock.flags = 3;
    f.seconds += 3600;
    REQUIRE(was_paused(f.page));
    take_kvm_pause(f.page, calls);
    CHECK_FALSE(was_paused(f.page));
    CHECK(f.page.generation.load() == 1);
    CHECK(f.page.wall.realtime_ns == (year_2100 + 3600) * 1'000'000'000 + 123);
}

TEST_CASE("kvm-clock: the host's wall clock was set") {
    Fixture f;
    f.be_kvm(first, clock_feature);
    REQUIRE(f.start());
    f.seconds = 5;
    renew_wall_clock(f.page, calls);
    CHECK(f.page.wall.realtime_ns == 5'000'000'123);
    CHECK(f.page.generation.load() == 0);
}
