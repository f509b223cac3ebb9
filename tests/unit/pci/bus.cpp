// SPDX-License-Identifier: Apache-2.0
// Finding functions: several in a device, behind bridges, and behind bridges with wrong numbers.
#include "kernel/pci/bus.h"

#include <vector>

#include "fake_pci.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace {

using namespace tenon;
using tenon::test::FakeFunction;
using tenon::test::FakePci;

std::vector<pci::Location> found(FakePci& space, std::uint8_t last_bus = 255) {
    std::vector<pci::Location> result;
    pci::for_each_function(space, last_bus, [&](const pci::Function& f) { result.push_back(f.location); });
    return result;
}

FakeFunction bridge(std::uint8_t own, std::uint8_t secondary) {
    FakeFunction made(0x1B36, 0x000C);
    made.set_header(1);
    made.words[0x18 / 4] = own | std::uint32_t{secondary} << 8 | 0xFF0000;
    return made;
}

}  // namespace

TEST_CASE("pci: devices of bus 0, and functions only of devices that say they have several") {
    FakePci space;
    CHECK(found(space).empty());
    space.add(0, 0, 0, {0x8086, 0x29C0});
    space.add(0, 3, 0, {0x1AF4, 0x1041});
    space.add(0, 3, 1, {0x1AF4, 0x1042});  // not there: function 0 does not tell of it
    space.add(0, 31, 0, {0x8086, 0x2918}).set_header(0x80);
    space.add(0, 31, 2, {0x8086, 0x2922});
    space.add(0, 30, 1, {0x8086, 0x1111});  // a device without function 0
    CHECK(found(space) == std::vector<pci::Location>{{0, 0, 0}, {0, 3, 0}, {0, 31, 0}, {0, 31, 2}});
    CHECK_FALSE(space.misaligned);
}

TEST_CASE("pci: what is behind bridges is found, each bus once") {
    FakePci space;
    space.add(0, 1, 0, bridge(0, 1));
    space.add(0, 2, 0, bridge(0, 4));
    space.add(1, 0, 0, bridge(1, 2));
    space.add(2, 0, 0, {0x1AF4, 0x1041});
    space.add(4, 0, 0, {0x1AF4, 0x1044});
    space.add(3, 0, 0, {0x1AF4, 0x1045});  // nothing leads there
    CHECK(found(space) == std::vector<pci::Location>{{0, 1, 0}, {0, 2, 0}, {1, 0, 0}, {2, 0, 0}, {4, 0, 0}});
    CHECK(found(space, 1) == std::vector<pci::Location>{{0, 1, 0}, {0, 2, 0}, {1, 0, 0}});
}

TEST_CASE("pci: bridges that lead back, to themselves or nowhere end the walk, not the machine") {
    FakePci space;
    space.add(0, 1, 0, bridge(0, 0));
    space.add(0, 2, 0, bridge(0, 5));
    space.add(0, 3, 0, bridge(0, 5));
    space.add(5, 0, 0, bridge(5, 5));
    space.add(5, 1, 0, bridge(5, 0));
    space.add(5, 2, 0, bridge(5, 2));
    CHECK(found(space).size() == 6);
    // Two buses, and a few words of each function.
    CHECK(space.reads < 2 * 256 + 6 * 8);
}

TEST_CASE("pci: headers of unknown kinds and vendor 0 are passed over") {
    FakePci space;
    space.add(0, 1, 0, {0x1AF4, 0x1041}).set_header(2);
    space.add(0, 2, 0, {0x0000, 0x1041});
    space.add(0, 3, 0, {0x1AF4, 0x1041}).set_header(0x7F);
    CHECK(found(space).empty());
}
