// SPDX-License-Identifier: Apache-2.0
// Lists of processors: the MADT's and the MP table's, whole and broken.
#include "kernel/acpi/processors.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

using namespace tenon::acpi;

namespace {

using Ids = std::vector<std::uint32_t>;

struct Buffer {
    std::vector<std::byte> bytes;
    template <typename T>
    void put(std::size_t place, T value) {
        if (bytes.size() < place + sizeof(value)) bytes.resize(place + sizeof(value));
        std::memcpy(bytes.data() + place, &value, sizeof(value));
    }
    template <typename T>
    void add(T value) {
        put(bytes.size(), value);
    }
    void seal(std::size_t place, std::size_t size, std::size_t checksum) {
        put<std::uint8_t>(place + checksum, 0);
        unsigned sum = 0;
        for (std::size_t i = 0; i < size; ++i) sum += static_cast<unsigned>(bytes[place + i]);
        put<std::uint8_t>(place + checksum, static_cast<std::uint8_t>(-sum));
    }
};

struct Madt : Buffer {
    Madt() { bytes.resize(44); }
    void local_apic(std::uint8_t id, std::uint32_t flags) {
        for (const std::uint8_t byte : {std::uint8_t{0}, std::uint8_t{8}, std::uint8_t{77}, id}) add(byte);
        add(flags);
    }
    void local_x2apic(std::uint32_t id, std::uint32_t flags) {
        add<std::uint32_t>(9 | 16 << 8);
        add(id);
        add(flags);
        add<std::uint32_t>(77);
    }
    [[nodiscard]] Ids read(std::size_t room = 8) const {
        Ids ids(room);
        ids.resize(read_processors(bytes, ids));
        return ids;
    }
};

struct MpTable : Buffer {
    static constexpr std::size_t configuration = 0xF'0100;
    std::size_t end = configuration + 44;
    MpTable() { bytes.resize(0x10'0000); }
    void processor(std::uint8_t id, std::uint8_t flags) {
        put<std::uint8_t>(end, 0);
        put(end + 1, id);
        put(end + 3, flags);
        end += 20;
    }
    void bus() {
        put<std::uint8_t>(end, 1);
        end += 8;
    }
    void seal_all(std::size_t pointer) {
        put<std::uint32_t>(pointer, 0x5F504D5F);  // _MP_
        put(pointer + 4, static_cast<std::uint32_t>(configuration));
        put<std::uint8_t>(pointer + 8, 1);
        seal(pointer, 16, 10);
        put<std::uint32_t>(configuration, 0x504D4350);  // PCMP
        put(configuration + 4, static_cast<std::uint16_t>(end - configuration));
        seal(configuration, end - configuration, 7);
    }
    [[nodiscard]] Ids read(std::uint64_t limit = 0x10'0000) const {
        Ids ids(8);
        ids.resize(read_mp_table({.base = bytes.data(), .limit = limit}, ids));
        return ids;
    }
};

}  // namespace

TEST_CASE("processors: the MADT's enabled ones, of either kind") {
    Madt madt;
    madt.local_apic(0, 1);
    madt.local_apic(2, 0);
    madt.local_apic(4, 2);  // could be plugged in
    madt.add<std::uint16_t>(0x0C01);
    madt.bytes.resize(madt.bytes.size() + 10);  // an I/O APIC
    madt.local_apic(6, 3);
    madt.local_x2apic(300, 1);
    madt.local_x2apic(301, 0);
    CHECK(madt.read() == Ids{0, 6, 300});
}

TEST_CASE("processors: no more than there is room for") {
    Madt madt;
    for (std::uint8_t id = 0; id < 9; ++id) madt.local_apic(id, 1);
    CHECK(madt.read(3) == Ids{0, 1, 2});
    CHECK(madt.read(0).empty());
}

TEST_CASE("processors: a MADT that is cut short or contradicts itself ends there") {
    Madt madt;
    CHECK(madt.read().empty());
    madt.local_apic(1, 1);
    madt.local_apic(2, 1);
    madt.bytes.pop_back();
    CHECK(madt.read() == Ids{1});
    madt.bytes[45] = std::byte{0};  // a structure of no length
    CHECK(madt.read().empty());
    madt.bytes[45] = std::byte{4};  // too short for what it is
    CHECK(madt.read().empty());
    std::array<std::uint32_t, 1> none{};
    CHECK(read_processors({}, none) == 0);
}

TEST_CASE("processors: the MP table's enabled ones, wherever its pointer is") {
    for (const std::size_t pointer : {0x9'FC00UL, 0x9'FFF0UL, 0xF'0000UL, 0xF'FFF0UL}) {
        MpTable table;
        table.processor(0, 3);
        table.processor(1, 1);
        table.processor(2, 0);
        table.bus();
        table.processor(3, 1);  // out of order: not looked at
        table.seal_all(pointer);
        CHECK(table.read() == Ids{0, 1});
    }
}

TEST_CASE("processors: no MP table, or a broken one") {
    MpTable table;
    CHECK(table.read().empty());
    table.processor(0, 3);
    table.processor(1, 1);
    table.seal_all(0x9'FBF0);  // not where a pointer may be
    CHECK(table.read().empty());
    table.seal_all(0xF'0000);
    CHECK(table.read() == Ids{0, 1});
    CHECK(table.read(MpTable::configuration + 40).empty());
    table.bytes[MpTable::configuration + 50] = std::byte{1};  // its checksum is wrong
    CHECK(table.read().empty());
    table.seal_all(0xF'0000);
    table.bytes[MpTable::configuration] = std::byte{'X'};
    CHECK(table.read().empty());
    table.seal_all(0xF'0000);
    table.bytes[0xF'0008] = std::byte{9};  // the pointer's is wrong
    CHECK(table.read().empty());
}
