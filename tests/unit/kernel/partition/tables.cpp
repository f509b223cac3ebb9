// SPDX-License-Identifier: Apache-2.0
// Partition tables, whole and damaged.
#include <cstring>
#include <map>
#include <vector>

#include "kernel/partition/crc32.h"
#include "kernel/partition/partition_table.h"
#include "tests/unit/pv-drivers/test_macros.h"

using namespace tenon;

namespace {

/// A disk in memory; as large as a test says, with blocks where something was written.
class FakeDisk final : public TableDisk {
public:
    explicit FakeDisk(std::uint64_t blocks = 32768, std::uint32_t block = 512) : TableDisk(blocks * block, block) {}
    Result<> read(std::uint64_t offset, std::span<std::byte> to) override {
        REQUIRE(offset % block_size == 0);
        REQUIRE(to.size() == block_size);
        REQUIRE((offset <= size && to.size() <= size - offset));
        ++reads;
        if (offset / block_size == bad_block) return fail(Error::io);
        std::memset(to.data(), 0, to.size());
        if (const auto found = blocks_.find(offset / block_size); found != blocks_.end())
            std::memcpy(to.data(), found->second.data(), to.size());
        return {};
    }
    std::byte* at(std::uint64_t block) {
        auto& bytes = blocks_[block];
        bytes.resize(block_size);
        return bytes.data();
    }
    template <typename T>
    void write(std::uint64_t block, std::size_t offset, const T& value) {
        std::memcpy(at(block) + offset, &value, sizeof(value));
    }
    void mark(std::uint64_t block) { write(block, 510, std::uint16_t{0xAA55}); }
    void entry(std::uint64_t block, unsigned index, std::uint8_t type, std::uint32_t first, std::uint32_t count) {
        write(block, 446 + index * 16 + 4, type);
        write(block, 446 + index * 16 + 8, first);
        write(block, 446 + index * 16 + 12, count);
    }
    [[nodiscard]] Result<PartitionTable> table() {
        std::vector<std::byte> scratch(block_size);
        return read_partition_table(*this, scratch);
    }
    unsigned reads = 0;
    std::uint64_t bad_block = ~0ULL;

private:
    std::map<std::uint64_t, std::vector<std::byte>> blocks_;
};

/// A GPT with entries of 128 bytes. A test damages it before seal().
struct Gpt {
    FakeDisk disk;
    std::uint64_t last;
    std::uint32_t count = 128, entry_size = 128;
    std::uint64_t primary_entries = 2, backup_entries;

    explicit Gpt(std::uint32_t block = 512)
        : disk(32768, block), last(32767), backup_entries(last - 128 * 128 / block) {
        disk.mark(0);
        disk.entry(0, 0, 0xEE, 1, 32767);
    }
    void partition(std::uint32_t index, std::uint64_t first, std::uint64_t end) {
        for (const std::uint64_t entries : {primary_entries, backup_entries}) {
            const std::uint64_t place = std::uint64_t{index} * entry_size;
            const std::uint64_t block = entries + place / disk.block_size;
            const auto offset = static_cast<std::size_t>(place % disk.block_size);
            disk.write(block, offset, std::uint8_t{0xAF});
            disk.write(block, offset + 32, first);
            disk.write(block, offset + 40, end);
        }
    }
    std::uint32_t entries_crc(std::uint64_t entries) {
        Crc32 crc;
        const std::uint64_t bytes = std::uint64_t{count} * entry_size;
        for (std::uint64_t done = 0; done < bytes; done += disk.block_size)
            crc.add(std::span(disk.at(entries + done / disk.block_size), disk.block_size)
                        .first(static_cast<std::size_t>(std::min<std::uint64_t>(disk.block_size, bytes - done))));
        return crc.value();
    }
    void header(std::uint64_t block, std::uint64_t entries, std::uint32_t crc) {
        std::memcpy(disk.at(block), "EFI PART", 8);
        disk.write(block, 8, std::uint32_t{0x10000});
        disk.write(block, 12, std::uint32_t{92});
        disk.write(block, 24, block);
        disk.write(block, 40, std::uint64_t{34});
        disk.write(block, 48, std::uint64_t{32700});
        disk.write(block, 72, entries);
        disk.write(block, 80, count);
        disk.write(block, 84, entry_size);
        disk.write(block, 88, crc);
        seal(block);
    }
    void seal(std::uint64_t block) {
        disk.write(block, 16, std::uint32_t{0});
        Crc32 crc;
        crc.add(std::span(disk.at(block), 92));
        disk.write(block, 16, crc.value());
    }
    Gpt& whole() {
        header(1, primary_entries, entries_crc(primary_entries));
        header(last, backup_entries, entries_crc(backup_entries));
        return *this;
    }
};

}  // namespace

TEST_CASE("crc32: the check value of its definition") {
    Crc32 crc;
    crc.add(std::as_bytes(std::span("123456789", 9)));
    CHECK(crc.value() == 0xCBF4'3926);
}

TEST_CASE("mbr: primary partitions, by their place in the table") {
    FakeDisk disk;
    disk.mark(0);
    disk.entry(0, 0, 0x83, 2048, 4096);
    disk.entry(0, 2, 0x07, 8192, 100);
    const auto table = disk.table();
    REQUIRE(table);
    CHECK(table->kind == PartitionTable::Kind::mbr);
    REQUIRE(table->count == 2);
    CHECK((table->partitions[0].number == 1 && table->partitions[0].offset == 2048 * 512 &&
           table->partitions[0].size == 4096 * 512));
    CHECK((table->partitions[1].number == 3 && table->partitions[1].offset == 8192 * 512));
}

TEST_CASE("mbr: a disk without a table has no partitions") {
    FakeDisk disk;
    SECTION("empty") {}
    SECTION("no signature") { disk.entry(0, 0, 0x83, 2048, 4096); }
    SECTION("a file system's boot sector: text where states stand") {
        disk.mark(0);
        disk.entry(0, 0, 0x83, 2048, 4096);
        disk.write(0, 446, 'N');
    }
    const auto table = disk.table();
    REQUIRE(table);
    CHECK(table->kind == PartitionTable::Kind::none);
    CHECK(table->count == 0);
}

TEST_CASE("mbr: entries that do not lie on the disk are left out") {
    FakeDisk disk;
    disk.mark(0);
    disk.entry(0, 0, 0x83, 0, 100);    // the table itself
    disk.entry(0, 1, 0x83, 32768, 1);  // behind the end
    disk.entry(0, 2, 0x83, 32767, 2);  // across the end
    disk.entry(0, 3, 0x83, 0xFFFF'FFFF, 0xFFFF'FFFF);
    const auto table = disk.table();
    REQUIRE(table);
    CHECK(table->count == 0);
}

TEST_CASE("mbr: logical partitions") {
    FakeDisk disk;
    disk.mark(0);
    disk.entry(0, 0, 0x83, 2048, 1000);
    disk.entry(0, 1, 0x0F, 10000, 10000);
    disk.mark(10000);
    disk.entry(10000, 0, 0x83, 100, 500);
    disk.entry(10000, 1, 0x05, 2000, 1000);
    disk.mark(12000);
    disk.entry(12000, 0, 0x83, 63, 700);
    SECTION("a chain") {}
    SECTION("that ends in what is no record") { disk.entry(12000, 1, 0x05, 5000, 1000); }
    SECTION("that is a loop") { disk.entry(12000, 1, 0x05, 2000, 1000); }
    SECTION("that leads out of the extended partition") { disk.entry(12000, 1, 0x05, 10000, 1000); }
    SECTION("with a partition that leaves the extended one") { disk.entry(12000, 0, 0x83, 63, 9000); }
    const auto table = disk.table();
    REQUIRE(table);
    REQUIRE(table->count >= 2);
    CHECK(table->partitions[0].number == 1);
    CHECK((table->partitions[1].number == 5 && table->partitions[1].offset == 10100 * 512));
    if (table->count > 2) CHECK((table->partitions[2].number == 6 && table->partitions[2].offset == 12063 * 512));
    CHECK(disk.reads < 100);
    for (const PartitionRange& range : std::span(table->partitions).first(table->count))
        CHECK((range.size != 0 && range.offset + range.size <= disk.size));
}

TEST_CASE("gpt: partitions by their place in the table") {
    Gpt gpt(GENERATE(512U, 4096U));
    gpt.partition(0, 2048, 4095);
    gpt.partition(5, 8192, 8192);
    const auto table = gpt.whole().disk.table();
    REQUIRE(table);
    CHECK(table->kind == PartitionTable::Kind::gpt);
    CHECK_FALSE(table->from_backup);
    REQUIRE(table->count == 2);
    CHECK((table->partitions[0].number == 1 && table->partitions[0].offset == 2048 * gpt.disk.block_size));
    CHECK((table->partitions[1].number == 6 && table->partitions[1].size == gpt.disk.block_size));
}

TEST_CASE("gpt: entries larger than a block") {
    Gpt gpt;
    gpt.entry_size = 1024;
    gpt.count = 16;
    gpt.partition(0, 2048, 4095);
    gpt.partition(3, 8192, 8200);
    const auto table = gpt.whole().disk.table();
    REQUIRE(table);
    REQUIRE(table->count == 2);
    CHECK(table->partitions[1].number == 4);
}

TEST_CASE("gpt: what is damaged is read from the copy at the end") {
    Gpt gpt;
    gpt.partition(0, 2048, 4095);
    gpt.whole();
    SECTION("no signature") { gpt.disk.write(1, 0, 'X'); }
    SECTION("a bit in the header") { gpt.disk.write(1, 56, std::uint8_t{1}); }
    SECTION("a bit in the entries") { gpt.disk.write(2, 56, std::uint8_t{1}); }
    SECTION("a header that says it is elsewhere") { gpt.disk.write(1, 24, std::uint64_t{7}), gpt.seal(1); }
    SECTION("a header of 91 bytes") { gpt.disk.write(1, 12, std::uint32_t{91}); }
    SECTION("a header larger than a block") { gpt.disk.write(1, 12, std::uint32_t{0xFFFF'FFFF}); }
    SECTION("entries behind the end") { gpt.disk.write(1, 72, std::uint64_t{32768}), gpt.seal(1); }
    SECTION("entries that wrap") { gpt.disk.write(1, 72, ~std::uint64_t{0}), gpt.seal(1); }
    SECTION("4 billion entries") { gpt.disk.write(1, 80, std::uint32_t{0xFFFF'FFFF}), gpt.seal(1); }
    SECTION("no entries") { gpt.disk.write(1, 80, std::uint32_t{0}), gpt.seal(1); }
    SECTION("entries of 100 bytes") { gpt.disk.write(1, 84, std::uint32_t{100}), gpt.seal(1); }
    SECTION("entries of 0 bytes") { gpt.disk.write(1, 84, std::uint32_t{0}), gpt.seal(1); }
    SECTION("usable blocks behind the end") { gpt.disk.write(1, 48, std::uint64_t{32768}), gpt.seal(1); }
    const auto table = gpt.disk.table();
    REQUIRE(table);
    CHECK(table->from_backup);
    REQUIRE(table->count == 1);
    gpt.disk.write(gpt.last, 0, 'X');
    REQUIRE_FALSE(gpt.disk.table());
    CHECK(gpt.disk.table().error() == Error::device_broken);
}

TEST_CASE("gpt: entries that do not lie in the usable blocks are left out, and so is what is too many") {
    Gpt gpt;
    gpt.partition(0, 10, 100);  // the entries themselves
    gpt.partition(1, 2048, 32701);
    gpt.partition(2, 4095, 2048);
    gpt.partition(3, ~0ULL, ~0ULL);
    CHECK(gpt.whole().disk.table()->count == 0);
    for (std::uint32_t i = 0; i < 128; ++i) gpt.partition(i, 2048 + i, 2048 + i);
    CHECK(gpt.whole().disk.table()->count == most_partitions);
}

TEST_CASE("partition tables: a block that cannot be read is an error") {
    Gpt gpt;
    gpt.whole();
    gpt.disk.bad_block = GENERATE(0ULL, 1ULL, 2ULL);
    REQUIRE_FALSE(gpt.disk.table());
    CHECK(gpt.disk.table().error() == Error::io);
    FakeDisk tiny(1);
    tiny.mark(0);
    tiny.entry(0, 0, 0xEE, 1, 1);
    CHECK(tiny.table().error() == Error::device_broken);
}
