// SPDX-License-Identifier: Apache-2.0
// Places of a virtio device's structures: QEMU's, and invalid ones.
#include <string>

#include "fake_pci.h"
#include "pv-drivers/virtio/transport/pci_structures.h"
#include "pv-drivers/virtio/uapi.h"
#include "tests/unit/pv-drivers/test_macros.h"

namespace {

using namespace tenon;
using namespace tenon::virtio;
using tenon::test::FakeFunction;
using tenon::test::FakePci;

constexpr pci::Location here{0, 3, 0};
constexpr std::uint64_t modern = 0xFE00'0000, table = 0xFEBD'0000;
constexpr abi::MemoryRange hole{0xC000'0000, 0x3EC0'0000};
constexpr std::uint64_t limit = 512ULL << 30;

/// A network device in the manner of QEMU: MSI-X table in bar 1, structures of a page each in bar 4, of 64 bits.
struct Fixture {
    FakePci space;
    FakeFunction& function = space.add(0, 3, 0, {0x1AF4, 0x1041});
    Fixture() {
        function.set_bar(1, table, 0x1000);
        function.set_bar(4, modern, 0x4000, true);
        function.add_msix(0x98, 3, 0 | 1);
        function.add_virtio(0x84, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, 0);
        function.add_virtio(0x70, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, 0x3000, 0x1000, 4);
        function.add_virtio(0x60, VIRTIO_PCI_CAP_DEVICE_CFG, 4, 0x2000, 0x1000);
        function.add_virtio(0x50, VIRTIO_PCI_CAP_ISR_CFG, 4, 0x1000, 0x1000);
        function.add_virtio(0x40, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0, 0x1000);
    }
    auto find() { return find_pci_structures(space, here, hole, limit); }
    std::string problem() {
        const auto found = find();
        return found ? "" : found.error();
    }
};

}  // namespace

TEST_CASE("virtio-pci: which functions are virtio devices, and of what type") {
    FakePci space;
    FakeFunction& function = space.add(0, 3, 0, {0x1AF4, 0x1000});
    function.words[0x2C / 4] = 0x0001'1AF4;
    const auto type = [&](std::uint32_t vendor, std::uint32_t device) {
        return virtio_type(space, here, vendor | device << 16);
    };
    CHECK(type(0x1AF4, 0x1041) == 1u);
    CHECK(type(0x1AF4, 0x107F) == 63u);
    CHECK(type(0x1AF4, 0x1000) == 1u);
    CHECK(type(0x1AF4, 0x103F) == 1u);
    CHECK_FALSE(type(0x1AF4, 0x0FFF));
    CHECK_FALSE(type(0x1AF4, 0x1080));
    CHECK_FALSE(type(0x1AF4, 0x1110));  // shared memory between machines, by the same vendor
    CHECK_FALSE(type(0x8086, 0x1041));
}

TEST_CASE("virtio-pci: structures are found in their bars") {
    Fixture f;
    const auto found = f.find();
    REQUIRE(found);
    CHECK((found->common.base == modern && found->common.size == 0x1000));
    CHECK((found->device.base == modern + 0x2000 && found->device.size == 0x1000));
    CHECK((found->notify.base == modern + 0x3000 && found->notify.size == 0x1000));
    CHECK(found->notify_multiplier == 4);
    CHECK((found->msix_table.base == table && found->msix_table.size == 48));
    CHECK((found->vectors == 3 && found->msix_capability == 0x98));
    CHECK(found->isr.size == 0);  // with MSI-X the line is unused
}

TEST_CASE("virtio-pci: a function without MSI-X is driven by its line, and says where its reasons are") {
    Fixture f;
    f.function.set_byte(0x98, 0x05);
    const auto found = f.find();
    REQUIRE(found);
    CHECK((found->isr.base == modern + 0x1000 && found->isr.size == 0x1000));
    CHECK((found->vectors == 0 && found->msix_table.size == 0));
    f.function.words[0x5C / 4] = 1;  // one byte is all it needs
    REQUIRE(f.find());
    CHECK(f.find()->isr.size == 1);
}

TEST_CASE("virtio-pci: of several structures of a kind the first usable one counts") {
    Fixture f;
    f.function.set_bar(0, 0xC000 | 1, 0x20);
    f.function.add_virtio(0xD0, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, 0x3800, 0x800, 8);
    f.function.add_virtio(0xB0, VIRTIO_PCI_CAP_NOTIFY_CFG, 0, 0, 0x20, 0);      // ports
    f.function.add_virtio(0xC0, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0x3FFC, 0x1000);  // not within its bar
    const auto found = f.find();
    REQUIRE(found);
    CHECK(found->notify.base == modern + 0x3800);
    CHECK(found->notify_multiplier == 8);
    CHECK(found->common.base == modern);
}

TEST_CASE("virtio-pci: a device without configuration is fine") {
    Fixture f;
    f.function.set_byte(0x63, 0x7F);  // another type of capability, unknown
    REQUIRE(f.find());
    CHECK(f.find()->device.size == 0);
}

TEST_CASE("virtio-pci: structures that are not where they say leave the device alone") {
    Fixture f;
    const auto common = [&](std::uint8_t bar, std::uint32_t offset, std::uint32_t length) {
        f.function.words[0x44 / 4] = bar;
        f.function.words[0x48 / 4] = offset;
        f.function.words[0x4C / 4] = length;
    };
    SECTION("behind the bar") { common(4, 0x4000, 0x1000); }
    SECTION("partly behind the bar") { common(4, 0x3FE0, 0x40); }
    SECTION("sum of offset and length beyond 32 bits") { common(4, 0xFFFF'FFFC, 0x1000); }
    SECTION("length beyond the bar") { common(4, 0, 0xFFFF'FFFF); }
    SECTION("too short") { common(4, 0, 0x37); }
    SECTION("misaligned") { common(4, 2, 0x100); }
    SECTION("no such bar") { common(6, 0, 0x1000); }
    SECTION("upper half of a bar") { common(5, 0, 0x1000); }
    SECTION("a bar that is not implemented") { common(3, 0, 0x1000); }
    SECTION("a capability too short for its fields") { f.function.set_byte(0x42, 15); }
    SECTION("missing") { f.function.set_byte(0x43, 0); }
    CHECK(f.problem() == "it has no usable common configuration");
}

TEST_CASE("virtio-pci: what else is missing is told") {
    Fixture f;
    SECTION("no notification registers") {
        f.function.set_byte(0x73, 0);
        CHECK(f.problem() == "it has no usable notification registers");
    }
    SECTION("no room for the multiplier") {
        f.function.set_byte(0x72, 16);
        CHECK(f.problem() == "it has no usable notification registers");
    }
    SECTION("neither MSI-X nor an interrupt status") {
        f.function.set_byte(0x98, 0x05);
        f.function.set_byte(0x53, 0);
        CHECK(f.problem() == "it has neither MSI-X nor a usable interrupt status");
    }
    SECTION("no MSI-X, and an interrupt status behind its bar") {
        f.function.set_byte(0x98, 0x05);
        f.function.words[0x58 / 4] = 0x4000;
        CHECK(f.problem() == "it has neither MSI-X nor a usable interrupt status");
    }
    SECTION("an MSI-X table larger than its bar") {
        f.function.words[0x98 / 4] = (f.function.words[0x98 / 4] & 0xFFFF) | 256 << 16;
        CHECK(f.problem() == "its MSI-X table is not within its memory");
    }
    SECTION("an MSI-X table in a bar that is none") {
        f.function.words[0x9C / 4] = 7;
        CHECK(f.problem() == "its MSI-X table is not within its memory");
    }
    SECTION("only the legacy interface") {
        f.function.words[0x34 / 4] = 0x98;
        CHECK(f.problem().starts_with("it has only the legacy interface"));
    }
    SECTION("a list of capabilities that is a loop") {
        f.function.words[0x34 / 4] = 0x84;
        f.function.set_byte(0x85, 0x84);
        CHECK_FALSE(f.problem().empty());
    }
}

TEST_CASE("virtio-pci: no more of a structure is looked at than anybody needs") {
    Fixture f;
    f.function.set_bar(4, 0x40'0000'0000, 0x1'0000'0000, true);
    f.function.words[0x7C / 4] = 0x8000'0000;
    REQUIRE(f.find());
    CHECK(f.find()->notify.size == 2 << 20);
    CHECK(f.find()->notify.base == 0x40'0000'3000);
}

TEST_CASE("virtio-pci: bars that firmware gave no address, or an impossible one, get one in the hole") {
    Fixture f;
    SECTION("none") { f.function.set_bar(4, 0, 0x4000, true); }
    SECTION("beyond what can be mapped") { f.function.set_bar(4, 0x3800'0000'0000, 0x4000, true); }
    f.function.set_bar(1, 0, 0x1000);
    const auto found = f.find();
    REQUIRE(found);
    CHECK(found->common.base >= hole.base);
    CHECK(found->common.base % 0x4000 == 0);
    CHECK(found->msix_table.base >= hole.base);
    CHECK((found->msix_table.base < found->common.base || found->msix_table.base >= found->common.base + 0x4000));
    // The addresses stay the same.
    CHECK(f.find()->common.base == found->common.base);
    CHECK_FALSE(f.space.moved_while_decoding);
}

TEST_CASE("virtio-pci: without a hole, or behind a bridge, a bar without an address is refused") {
    Fixture f;
    f.function.set_bar(4, 0, 0x4000, true);
    const std::string expected = "its registers have no address, and no free one was found";
    CHECK(find_pci_structures(f.space, here, {0, 0}, limit).error() == expected);
    FakePci behind;
    behind.add(1, 0, 0, f.function);
    CHECK(find_pci_structures(behind, {1, 0, 0}, hole, limit).error() == expected);
}
