// SPDX-License-Identifier: Apache-2.0
// Lists of capabilities of every wrong kind, and MSI-X.
#include "kernel/pci/capability.h"

#include <vector>

#include "fake_pci.h"
#include "kernel/pci/msix.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace {

using namespace tenon;
using tenon::test::FakeFunction;
using tenon::test::FakePci;

constexpr pci::Location here{0, 3, 0};

struct Fixture {
    FakePci space;
    FakeFunction& function = space.add(0, 3, 0, {0x1AF4, 0x1041});
    std::vector<unsigned> offsets() {
        std::vector<unsigned> result;
        pci::for_each_capability(space, here, [&](pci::CapabilityId, std::uint8_t offset) {
            result.push_back(offset);
            return true;
        });
        return result;
    }
};

/// The MSI-X table, which logs writes.
struct Table {
    std::vector<std::pair<std::size_t, std::uint32_t>> writes;
    void write32(std::size_t offset, std::uint32_t value) { writes.emplace_back(offset, value); }
};

}  // namespace

TEST_CASE("pci: capabilities in the order of their list, until the visitor has enough") {
    Fixture f;
    CHECK(f.offsets().empty());
    f.function.add_capability(0x40, 0x01, {});
    f.function.add_capability(0x98, 0x11, {});
    f.function.add_capability(0xFC, 0x09, {});
    CHECK(f.offsets() == std::vector<unsigned>{0xFC, 0x98, 0x40});
    unsigned visits = 0;
    pci::for_each_capability(f.space, here, [&](pci::CapabilityId id, std::uint8_t) {
        ++visits;
        return id != pci::CapabilityId::msix;
    });
    CHECK(visits == 2);
}

TEST_CASE("pci: a list that the status does not announce is not walked") {
    Fixture f;
    f.function.add_capability(0x40, 0x01, {});
    f.function.words[1] &= ~pci::status_capabilities;
    CHECK(f.offsets().empty());
}

TEST_CASE("pci: lists that are loops end") {
    Fixture f;
    f.function.add_capability(0x40, 0x09, {});
    f.function.add_capability(0x60, 0x09, {});
    f.function.set_byte(0x41, 0x60);
    CHECK(f.offsets().size() == 48);
    f.function.set_byte(0x61, 0x60);
    CHECK(f.offsets().size() == 48);
    CHECK_FALSE(f.space.misaligned);
}

TEST_CASE("pci: a list that leads into the header ends there, and odd links are rounded down") {
    Fixture f;
    f.function.add_capability(0x40, 0x09, {});
    f.function.add_capability(0x60, 0x09, {});
    f.function.set_byte(0x41, 0x10);
    CHECK(f.offsets() == std::vector<unsigned>{0x60, 0x40});
    f.function.set_byte(0x61, 0x43);
    CHECK(f.offsets() == std::vector<unsigned>{0x60, 0x40});
    f.function.set_byte(0x34, 0x3C);
    CHECK(f.offsets().empty());
    CHECK_FALSE(f.space.misaligned);
}

TEST_CASE("pci: a capability that reaches beyond configuration space reads as zeros there") {
    Fixture f;
    f.function.add_capability(0xF8, 0x09, {0x1234});
    std::uint32_t words[5];
    pci::read_capability(f.space, here, 0xF8, words);
    CHECK((words[1] == 0x1234 && words[2] == 0 && words[4] == 0));
}

TEST_CASE("pci: the MSI-X capability tells its table, and is switched on with no vector masked") {
    Fixture f;
    CHECK_FALSE(pci::find_msix(f.space, here));
    f.function.add_msix(0x98, 2048, 0x2000 | 1);
    const auto msix = pci::find_msix(f.space, here);
    REQUIRE(msix);
    CHECK((msix->offset == 0x98 && msix->entries == 2048 && msix->table_bar == 1 && msix->table_offset == 0x2000));
    f.function.words[0x98 / 4] |= 1u << 30;  // firmware has masked all
    pci::enable_msix(f.space, here, *msix, true);
    CHECK(f.function.words[0x98 / 4] >> 16 == (0x8000u | 2047));
    pci::enable_msix(f.space, here, *msix, false);
    CHECK(f.function.words[0x98 / 4] >> 16 == 2047);
}

TEST_CASE("pci: an entry of the MSI-X table changes while it is masked, and is open in the end") {
    Table table;
    pci::write_msix_entry(table, 3, {.address = 0x1'FEE0'1000, .data = 41});
    using Writes = std::vector<std::pair<std::size_t, std::uint32_t>>;
    CHECK(table.writes == Writes{{60, 1}, {48, 0xFEE0'1000}, {52, 1}, {56, 41}, {60, 0}});
}
