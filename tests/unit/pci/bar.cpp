// SPDX-License-Identifier: Apache-2.0
// Base address registers, and addresses for those that have none.
#include "kernel/pci/bar.h"

#include "fake_pci.h"
#include "kernel/pci/free_address.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace {

using namespace tenon;
using tenon::test::FakeFunction;
using tenon::test::FakePci;

constexpr pci::Location here{0, 3, 0};
constexpr abi::MemoryRange hole{0xC000'0000, 0x3EC0'0000};

struct Fixture {
    FakePci space;
    FakeFunction& function = space.add(0, 3, 0, {0x1AF4, 0x1041});
};

}  // namespace

TEST_CASE("pci: bars of 32 and 64 bits tell base and size, and are left as they were") {
    Fixture f;
    f.function.words[1] = pci::command_memory | pci::command_bus_master;
    f.function.set_bar(1, 0xFEBD'1000, 0x1000);
    f.function.set_bar(2, 0x8'0000'4000, 0x4000, true);
    f.function.set_bar(4, 0x40'0000'0000, 0x4'0000'0000, true);  // larger than 4 GiB
    const auto words = f.function.words;
    const auto one = pci::read_bar(f.space, here, 1), two = pci::read_bar(f.space, here, 2),
               four = pci::read_bar(f.space, here, 4);
    REQUIRE((one && two && four));
    CHECK((one->base == 0xFEBD'1000 && one->size == 0x1000));
    CHECK((two->base == 0x8'0000'4000 && two->size == 0x4000));
    CHECK((four->base == 0x40'0000'0000 && four->size == 0x4'0000'0000));
    CHECK(f.function.words == words);
    CHECK_FALSE(f.space.moved_while_decoding);
    CHECK(f.space.status_cleared == 0);
}

TEST_CASE("pci: bars that are no memory, not there or malformed are errors") {
    Fixture f;
    f.function.set_bar(0, 0xC000 | 1, 0x20);         // ports
    f.function.set_bar(1, 0xFEBD'1000 | 2, 0x1000);  // below 1 MiB, a kind of old
    f.function.set_bar(5, 0x1000'0000 | 4, 0x1000);  // 64 bits, and no room for the upper half
    CHECK(pci::read_bar(f.space, here, 0).error() == Error::not_supported);
    CHECK(pci::read_bar(f.space, here, 1).error() == Error::not_supported);
    CHECK(pci::read_bar(f.space, here, 2).error() == Error::not_found);
    CHECK(pci::read_bar(f.space, here, 5).error() == Error::not_supported);
    CHECK(pci::read_bar(f.space, here, 6).error() == Error::not_supported);
    CHECK(pci::read_bar(f.space, here, 255).error() == Error::not_supported);
    CHECK(pci::read_bar(f.space, {0, 9, 0}, 0).error() == Error::not_supported);  // no function answers
}

TEST_CASE("pci: an address is written to both halves of a bar") {
    Fixture f;
    f.function.set_bar(0, 0, 0x4000, true);
    f.function.set_bar(2, 0, 0x1000);
    pci::write_bar(f.space, here, 0, 0x12'3456'4000);
    pci::write_bar(f.space, here, 2, 0xC000'1000);
    CHECK(pci::read_bar(f.space, here, 0)->base == 0x12'3456'4000);
    CHECK(pci::read_bar(f.space, here, 2)->base == 0xC000'1000);
}

TEST_CASE("pci: a free address is aligned, in the hole, and clear of bars and bridge windows") {
    Fixture f;
    CHECK(pci::find_free_address(f.space, hole, 0x4000) == hole.base);
    f.function.set_bar(0, 0xC000'0000, 0x1000);
    f.function.set_bar(2, 0xC000'4000, 0x4000, true);
    FakeFunction bridge(0x1B36, 0x000C);
    bridge.set_header(1);
    bridge.words[0x20 / 4] = 0xC010'C010;  // 0xC0100000 to 0xC01FFFFF
    bridge.words[0x24 / 4] = 0x0001'FFF1;  // closed
    f.space.add(0, 4, 0, bridge);
    CHECK(pci::find_free_address(f.space, hole, 0x1000) == 0xC000'1000);
    CHECK(pci::find_free_address(f.space, hole, 0x4000) == 0xC000'8000);
    CHECK(pci::find_free_address(f.space, hole, 0x10'0000) == 0xC020'0000);
}

TEST_CASE("pci: where there is no free address none is given") {
    Fixture f;
    CHECK_FALSE(pci::find_free_address(f.space, {0, 0}, 0x1000));
    CHECK_FALSE(pci::find_free_address(f.space, hole, 0x8000'0000));
    CHECK_FALSE(pci::find_free_address(f.space, hole, 0));
    f.function.set_bar(0, 0xC000'0000, 0x4000'0000);  // takes all of it
    CHECK_FALSE(pci::find_free_address(f.space, hole, 0x1000));
    // More bars than are recorded: no address is better than one in use.
    FakePci crowded;
    for (std::uint8_t device = 0; device < 32; ++device) {
        FakeFunction& made = crowded.add(0, device, 0, {0x1AF4, 0x1041});
        for (std::size_t bar = 0; bar < 6; ++bar)
            made.set_bar(bar, 0xD000'0000 + device * 0x10'0000u + bar * 0x1000, 0x1000);
    }
    CHECK_FALSE(pci::find_free_address(crowded, hole, 0x1000));
}
