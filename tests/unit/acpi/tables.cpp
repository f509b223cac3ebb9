// SPDX-License-Identifier: Apache-2.0
// ACPI's tables, in a buffer: as QEMU's q35 has them, and broken ones.
#include "kernel/acpi/tables.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string_view>
#include <vector>

using namespace tenon::acpi;

namespace {

constexpr std::size_t rsdp = 0x100, root = 0x200, fadt = 0x400, dsdt = 0x800, mcfg = 0xC00, madt = 0xD00;

struct Fixture {
    std::vector<std::byte> memory = std::vector<std::byte>(0x1000);

    template <typename T>
    void put(std::size_t place, T value) {
        std::memcpy(memory.data() + place, &value, sizeof(value));
    }
    void put_override(std::size_t index, std::uint8_t source, std::uint32_t input, std::uint16_t flags) {
        const std::size_t place = madt + 64 + 10 * index;
        put<std::uint16_t>(place, 0x0A02);
        put<std::uint8_t>(place + 2, 0);
        put(place + 3, source);
        put(place + 4, input);
        put(place + 8, flags);
    }
    void text(std::size_t place, std::string_view value) {
        std::memcpy(memory.data() + place, value.data(), value.size());
    }
    void seal(std::size_t place, std::size_t size, std::size_t checksum) {
        put<std::uint8_t>(place + checksum, 0);
        unsigned sum = 0;
        for (std::size_t i = 0; i < size; ++i) sum += static_cast<unsigned>(memory[place + i]);
        put<std::uint8_t>(place + checksum, static_cast<std::uint8_t>(-sum));
    }
    void table(std::size_t place, std::string_view signature, std::uint32_t size) {
        text(place, signature);
        put(place + 4, size);
        seal(place, size, 9);
    }
    void seal_all() {
        table(root, "RSDT", 36 + 12);
        table(madt, "APIC", 44 + 8 + 12 + 2 * 10);
        table(fadt, "FACP", 244);
        table(dsdt, "DSDT", 0x100);
        table(mcfg, "MCFG", 60);
        seal(rsdp, 20, 8);
    }
    Fixture() {
        text(rsdp, "RSD PTR ");
        put<std::uint32_t>(rsdp + 16, root);
        put<std::uint32_t>(root + 36, fadt);
        put<std::uint32_t>(root + 40, mcfg);
        put<std::uint32_t>(root + 44, madt);
        put<std::uint16_t>(madt + 44, 0x0800);  // a local APIC
        put<std::uint16_t>(madt + 52, 0x0C01);  // an I/O APIC
        put_override(0, 0, 2, 0);
        put_override(1, 11, 11, 0xD);  // active high, level
        put<std::uint32_t>(fadt + 40, dsdt);
        put<std::uint16_t>(fadt + 46, 9);      // SCI
        put<std::uint32_t>(fadt + 48, 0xB2);   // SMI_CMD
        put<std::uint8_t>(fadt + 52, 2);       // ACPI_ENABLE
        put<std::uint32_t>(fadt + 56, 0x600);  // PM1a event
        put<std::uint32_t>(fadt + 64, 0x604);  // PM1a control
        put<std::uint8_t>(fadt + 88, 4);       // length of the former
        put<std::uint32_t>(fadt + 112, 1 << 10);
        put<std::uint8_t>(fadt + 116, 1);  // reset register: a port
        put<std::uint64_t>(fadt + 120, 0xCF9);
        put<std::uint8_t>(fadt + 128, 0x0F);
        text(dsdt + 0x40, std::string_view("\x08_S5_\x12\x06\x04\x0A\x05\x01\x00\x00", 13));
        put<std::uint64_t>(mcfg + 44, 0xB000'0000);
        put<std::uint8_t>(mcfg + 55, 255);
        seal_all();
    }
    Tables read(std::uint64_t address = rsdp) {
        return read_tables({.base = memory.data(), .limit = memory.size()}, address);
    }
};

std::optional<SleepType> soft_off_of(std::string_view block) {
    return find_soft_off(std::as_bytes(std::span(block.data(), block.size())));
}

}  // namespace

TEST_CASE("acpi: a PC's tables") {
    Fixture f;
    const Tables tables = f.read();
    CHECK(tables.present);
    CHECK_FALSE(tables.hardware_reduced);
    CHECK(tables.fixed.event_port == 0x600);
    CHECK(tables.fixed.event_enable_port == 0x602);
    CHECK(tables.fixed.control_port == 0x604);
    CHECK(tables.fixed.control_port_b == 0);
    CHECK((tables.fixed.command_port == 0xB2 && tables.fixed.enable_command == 2 && tables.fixed.interrupt_line == 9));
    CHECK(tables.fixed.power_button);
    CHECK((tables.fixed.reset_port == 0xCF9 && tables.fixed.reset_value == 0x0F));
    REQUIRE(tables.soft_off);
    CHECK((tables.soft_off->a == 5 && tables.soft_off->b == 1));
    REQUIRE(tables.pci);
    CHECK((tables.pci->base == 0xB000'0000 && tables.pci->last_bus == 255));
}

TEST_CASE("acpi: the wide root table is used where there is one") {
    Fixture f;
    f.put<std::uint8_t>(rsdp + 15, 2);
    f.put<std::uint64_t>(rsdp + 24, 0xE00);
    f.put<std::uint64_t>(0xE00 + 36, mcfg);
    f.table(0xE00, "XSDT", 36 + 8);
    f.seal(rsdp, 20, 8);
    const Tables tables = f.read();
    CHECK(tables.pci);
    CHECK(tables.fixed.control_port == 0);  // the other root table names the FADT, this one does not
}

TEST_CASE("acpi: hardware-reduced machines have no fixed registers") {
    Fixture f;
    f.put<std::uint32_t>(fadt + 112, 1 << 20);
    f.seal_all();
    const Tables tables = f.read();
    CHECK(tables.hardware_reduced);
    CHECK((tables.fixed.control_port == 0 && !tables.fixed.power_button));
    CHECK((tables.fixed.reset_port == 0 && tables.reset_address == 0 && tables.sleep_control_address == 0));
    CHECK(tables.virtio_mmio_count == 0);
}

TEST_CASE("acpi: hardware-reduced machines have registers in memory, and devices that only the DSDT describes") {
    Fixture f;
    f.put<std::uint32_t>(fadt + 112, 1 << 20 | 1 << 10);
    f.put<std::uint8_t>(fadt + 116, 0);  // reset register: in memory
    f.put<std::uint64_t>(fadt + 120, 0xFEA0'0202);
    f.put<std::uint8_t>(fadt + 128, 0x42);
    f.put<std::uint64_t>(fadt + 248, 0xFEA0'0200);  // sleep control register
    f.text(dsdt + 0x60, "LNRO0005");
    f.text(dsdt + 0x70, std::string_view("\x86\x09\x00\x01\x00\x00\xB0\xFE\x00\x02\x00\x00", 12));
    f.text(dsdt + 0x7C, std::string_view("\x89\x06\x00\x01\x01\x10\x00\x00\x00", 9));
    f.seal_all();
    f.table(fadt, "FACP", 268);
    const Tables tables = f.read();
    REQUIRE(tables.hardware_reduced);
    REQUIRE(tables.soft_off);
    CHECK((tables.sleep_control_address == 0xFEA0'0200 && tables.reset_address == 0xFEA0'0202));
    CHECK(tables.reset_value == 0x42);
    REQUIRE(tables.virtio_mmio_count == 1);
    CHECK((tables.virtio_mmio[0].address == 0xFEB0'0000 && tables.virtio_mmio[0].input == 16));
}

TEST_CASE("acpi: what is not there, or not a port, is not used") {
    Fixture f;
    SECTION("a power button that is a device") {
        f.put<std::uint32_t>(fadt + 112, 1 << 4);
        f.seal_all();
        CHECK_FALSE(f.read().fixed.power_button);
    }
    SECTION("a reset register in memory") {
        f.put<std::uint8_t>(fadt + 116, 0);
        f.seal_all();
        CHECK(f.read().fixed.reset_port == 0);
    }
    SECTION("ports above 65535") {
        f.put<std::uint32_t>(fadt + 64, 0x10604);
        f.put<std::uint64_t>(fadt + 120, 0x1'0CF9);
        f.seal_all();
        CHECK(f.read().fixed.control_port == 0);
        CHECK(f.read().fixed.reset_port == 0);
    }
    SECTION("PCI of other segments, or from another bus on") {
        f.put<std::uint16_t>(mcfg + 52, 1);
        f.seal_all();
        CHECK_FALSE(f.read().pci);
        f.put<std::uint16_t>(mcfg + 52, 0);
        f.put<std::uint8_t>(mcfg + 54, 0x80);
        f.seal_all();
        CHECK_FALSE(f.read().pci);
    }
    SECTION("a FADT of the first revision, which ends early") {
        f.table(fadt, "FACP", 116);
        CHECK(f.read().fixed.control_port == 0x604);
        CHECK(f.read().fixed.reset_port == 0);
        CHECK(f.read().soft_off);
    }
}

TEST_CASE("acpi: no ACPI, or nothing but nonsense") {
    Fixture f;
    std::uint64_t address = rsdp;
    SECTION("none") { address = 0; }
    SECTION("elsewhere") { address = rsdp + 1; }
    SECTION("beyond memory") { address = 0x1000; }
    SECTION("the end of memory cuts it off") { address = 0xFF8; }
    SECTION("far away") { address = ~0ULL; }
    SECTION("wrong checksum") { f.put<std::uint8_t>(rsdp + 9, 1); }
    SECTION("root table elsewhere") {
        f.put<std::uint32_t>(rsdp + 16, 0xFFFF'FFF0);
        f.seal(rsdp, 20, 8);
    }
    SECTION("root table with a wrong checksum") { f.put<std::uint8_t>(root + 9, 0x55); }
    SECTION("root table that ends behind memory") {
        f.put<std::uint32_t>(root + 4, 0x1000);
        f.seal(root, 48, 9);
    }
    SECTION("root table shorter than its header") { f.table(root, "RSDT", 35); }
    SECTION("root table that points at nothing") {
        f.put<std::uint32_t>(root + 36, 0);
        f.put<std::uint32_t>(root + 40, 0xFFFF'FFFF);
        f.put<std::uint32_t>(root + 44, 0xFFF);
        f.seal(root, 48, 9);
    }
    const Tables tables = f.read(address);
    CHECK_FALSE(tables.present);
    CHECK((!tables.pci && !tables.soft_off && tables.fixed.control_port == 0));
}

TEST_CASE("acpi: interrupts of the ISA arrive where the MADT says, PCI's own at their number") {
    Fixture f;
    const Tables tables = f.read();
    CHECK((tables.input_of(0).input == 2 && !tables.input_of(0).active_low));
    CHECK((tables.input_of(11).input == 11 && !tables.input_of(11).active_low));
    CHECK((tables.input_of(10).input == 10 && !tables.input_of(10).active_low));  // not overridden
    CHECK((tables.input_of(16).input == 16 && tables.input_of(16).active_low));
    CHECK((tables.input_of(254).input == 254 && tables.input_of(254).active_low));
    f.put_override(1, 11, 20, 0xF);
    f.seal_all();
    CHECK((f.read().input_of(11).input == 20 && f.read().input_of(11).active_low));
    CHECK((Tables{}.input_of(11).input == 11 && Tables{}.input_of(20).active_low));  // no ACPI at all
}

TEST_CASE("acpi: structures of the MADT that are nonsense are passed over or end it") {
    Fixture f;
    SECTION("an interrupt that the ISA does not have") { f.put_override(1, 16, 5, 0xF); }
    SECTION("one that is too short") { f.put<std::uint8_t>(madt + 75, 9); }
    SECTION("one without a length") { f.put<std::uint8_t>(madt + 75, 0); }
    SECTION("one that ends behind the table") { f.put<std::uint8_t>(madt + 75, 11); }
    SECTION("one of length 1 before it") { f.put<std::uint8_t>(madt + 65, 1); }
    f.seal_all();
    const Tables tables = f.read();
    CHECK(tables.present);
    for (const auto& entry : std::span(tables.overrides).subspan(1)) CHECK_FALSE(entry);
}

TEST_CASE("acpi: a table with a wrong checksum is passed over, the others are not") {
    Fixture f;
    f.put<std::uint8_t>(mcfg + 46, 1);
    CHECK_FALSE(f.read().pci);
    CHECK(f.read().fixed.control_port == 0x604);
    Fixture g;
    g.put<std::uint8_t>(dsdt + 0x80, 1);
    CHECK_FALSE(g.read().soft_off);
    CHECK(g.read().pci);
}

TEST_CASE("acpi: \\_S5 in its encodings") {
    using namespace std::string_view_literals;
    const auto type = soft_off_of("..\x08_S5_\x12\x06\x04\x0A\x05\x0A\x06\x00\x00"sv);
    REQUIRE(type);
    CHECK((type->a == 5 && type->b == 6));
    CHECK(soft_off_of("..\x08\\_S5_\x12\x06\x04\x00\x00\x00\x00"sv));
    CHECK(soft_off_of("..\x08_S5_\x12\x45\x00\x04\x01\x01\x00\x00"sv)->b == 1);  // longer package length
    CHECK(soft_off_of("..\x08_S5_\x12\x04\x01\x0A\x05"sv)->b == 0);              // one element
    // The first one is not it: a mention, not a definition.
    CHECK(soft_off_of(".._S5_....\x08_S5_\x12\x06\x04\x0A\x03\x00\x00\x00"sv)->a == 3);
}

TEST_CASE("acpi: what is not \\_S5 or is cut short") {
    using namespace std::string_view_literals;
    for (const std::string_view block :
         {""sv, "_S5_"sv, "\x08_S5_\x12\x06\x04\x0A\x05"sv, "..\x08_S5_"sv, "..\x08_S5_\x12"sv, "..\x08_S5_\x12\x06"sv,
          "..\x08_S5_\x12\x06\x04"sv, "..\x08_S5_\x12\x06\x04\x0A"sv, "..\x08_S5_\x12\x06\x00\x00"sv,
          "..\x08_S5_\x12\x06\x04\x0A\x08\x00\x00\x00"sv, "..\x08_S5_\x12\x06\x04\x0B\x05\x00\x00\x00"sv,
          "..\x14_S5_\x12\x06\x04\x0A\x05\x0A\x05\x00"sv, "..\x08_S5_\x0A\x05"sv, "..\x08_S5_\x12\xC6"sv,
          "..\x08_S4_\x12\x06\x04\x0A\x05\x0A\x05\x00"sv})
        CHECK_FALSE(soft_off_of(block));
}
