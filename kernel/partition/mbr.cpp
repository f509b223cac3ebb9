// SPDX-License-Identifier: Apache-2.0
// The master boot record, and the chain of logical partitions.
#include <bit>
#include <cstring>

#include "kernel/partition/partition_table.h"

namespace tenon {
namespace {

static_assert(std::endian::native == std::endian::little, "tables are little-endian, and read without conversion");

struct [[gnu::packed]] Entry {
    std::uint8_t status;
    std::uint8_t first_chs[3];
    std::uint8_t type;
    std::uint8_t last_chs[3];
    std::uint32_t first;  ///< blocks
    std::uint32_t count;
};
static_assert(sizeof(Entry) == 16);

constexpr std::size_t entries_offset = 446;
constexpr std::size_t entry_count = 4;
constexpr std::size_t signature_offset = 510;
constexpr std::uint16_t signature = 0xAA55;

enum Type : std::uint8_t {
    empty = 0x00,
    extended = 0x05,
    extended_lba = 0x0F,
    extended_linux = 0x85,
    protective = 0xEE
};

/// A damaged chain may be a loop, so it is followed only so far.
constexpr unsigned most_links = 64;

bool is_extended(std::uint8_t type) { return type == extended || type == extended_lba || type == extended_linux; }

struct Record {
    Entry entries[entry_count];
    bool valid;
};

Result<Record> read_record(TableDisk& disk, std::span<std::byte> block, std::uint64_t number) {
    CHECK(disk.read(number * disk.block_size, block));
    Record record{};
    std::uint16_t mark = 0;
    std::memcpy(&mark, block.data() + signature_offset, sizeof(mark));
    std::memcpy(record.entries, block.data() + entries_offset, sizeof(record.entries));
    record.valid = mark == signature;
    // A file system's boot sector has the same signature, but other bytes in place of the status fields.
    for (const Entry& entry : record.entries)
        if ((entry.status & 0x7F) != 0) record.valid = false;
    return record;
}

/// Blocks `first` to `first + count - 1` are on the disk, and do not contain the table.
bool inside(const TableDisk& disk, std::uint64_t first, std::uint64_t count) {
    return first != 0 && count != 0 && first < disk.block_count() && count <= disk.block_count() - first;
}

PartitionRange range_of(const TableDisk& disk, std::uint32_t number, std::uint64_t first, std::uint64_t count) {
    return {number, first * disk.block_size, count * disk.block_size};
}

}  // namespace

Result<> detail::read_logical_partitions(TableDisk& disk, std::span<std::byte> block, std::uint64_t first,
                                         std::uint64_t count, PartitionTable& table) {
    // Each link contains one partition, relative to the link, and the next link, relative to the chain's start.
    std::uint64_t link = first;
    std::uint32_t number = entry_count + 1;
    for (unsigned links = 0; links < most_links; ++links) {
        TRY(const Record record, read_record(disk, block, link));
        if (!record.valid) return {};
        const Entry& here = record.entries[0];
        const Entry& next = record.entries[1];
        const std::uint64_t begin = link + here.first;
        if (here.type != empty && begin > link && inside(disk, begin, here.count) &&
            begin + here.count <= first + count)
            if (!table.add(range_of(disk, number++, begin, here.count))) return {};
        if (!is_extended(next.type) || next.first == 0 || next.first >= count) return {};
        link = first + next.first;
    }
    return {};
}

Result<PartitionTable> read_partition_table(TableDisk& disk, std::span<std::byte> scratch) {
    PartitionTable table;
    if (disk.block_count() == 0) return table;
    if (scratch.size() < disk.block_size) return fail(Error::no_memory);
    const std::span<std::byte> block = scratch.first(disk.block_size);
    TRY(const Record record, read_record(disk, block, 0));
    if (!record.valid) return table;
    for (const Entry& entry : record.entries)
        if (entry.type == protective) return detail::read_gpt(disk, block);

    table.kind = PartitionTable::Kind::mbr;
    for (std::uint32_t index = 0; index < entry_count; ++index) {
        const Entry& entry = record.entries[index];
        if (entry.type == empty || is_extended(entry.type) || !inside(disk, entry.first, entry.count)) continue;
        table.add(range_of(disk, index + 1, entry.first, entry.count));
    }
    for (const Entry& entry : record.entries) {
        if (!is_extended(entry.type) || !inside(disk, entry.first, entry.count)) continue;
        CHECK(detail::read_logical_partitions(disk, block, entry.first, entry.count, table));
        break;  // there is one chain
    }
    return table;
}

}  // namespace tenon
