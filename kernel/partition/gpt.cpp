// SPDX-License-Identifier: Apache-2.0
// The GUID partition table (UEFI 2.10, section 5.3).
#include <algorithm>
#include <bit>
#include <cstring>

#include "kernel/partition/crc32.h"
#include "kernel/partition/partition_table.h"

namespace tenon {
namespace {

struct Header {
    char signature[8];
    std::uint32_t revision;
    std::uint32_t header_size;
    std::uint32_t header_crc;
    std::uint32_t reserved;
    std::uint64_t own_block;
    std::uint64_t other_block;
    std::uint64_t first_usable;
    std::uint64_t last_usable;
    std::uint8_t disk_guid[16];
    std::uint64_t entries_block;
    std::uint32_t entry_count;
    std::uint32_t entry_size;
    std::uint32_t entries_crc;
    std::uint32_t padding;
};
constexpr std::size_t header_bytes = 92;
static_assert(offsetof(Header, padding) == header_bytes);

struct Entry {
    std::uint8_t type[16];
    std::uint8_t guid[16];
    std::uint64_t first;
    std::uint64_t last;
    std::uint64_t attributes;
    std::uint8_t name[72];
};
static_assert(sizeof(Entry) == 128);

/// Usual tables have 128 entries of 128 bytes. Larger ones are read up to these bounds.
constexpr std::uint32_t most_entries = 1024;
constexpr std::uint32_t largest_entry = 4096;

/// Reads the header from block `number` into `block`, and checks it.
Result<Header> read_header(TableDisk& disk, std::span<std::byte> block, std::uint64_t number) {
    CHECK(disk.read(number * disk.block_size, block));
    Header header{};
    std::memcpy(&header, block.data(), header_bytes);
    if (std::memcmp(header.signature, "EFI PART", sizeof(header.signature)) != 0) return fail(Error::device_broken);
    if (header.header_size < header_bytes || header.header_size > block.size()) return fail(Error::device_broken);
    // The checksum field counts as zeros.
    std::memset(block.data() + offsetof(Header, header_crc), 0, sizeof(header.header_crc));
    Crc32 crc;
    crc.add(block.first(header.header_size));
    if (crc.value() != header.header_crc || header.own_block != number) return fail(Error::device_broken);

    const std::uint64_t blocks = disk.block_count();
    if (header.entry_size < sizeof(Entry) || header.entry_size > largest_entry ||
        !std::has_single_bit(header.entry_size) || header.entry_size > disk.block_size * 8 || header.entry_count == 0 ||
        header.entry_count > most_entries)
        return fail(Error::device_broken);
    const std::uint64_t bytes = std::uint64_t{header.entry_count} * header.entry_size;
    const std::uint64_t entry_blocks = (bytes + disk.block_size - 1) / disk.block_size;
    if (header.entries_block == 0 || header.entries_block >= blocks || entry_blocks > blocks - header.entries_block)
        return fail(Error::device_broken);
    if (header.first_usable > header.last_usable || header.last_usable >= blocks) return fail(Error::device_broken);
    return header;
}

/// Adds the partition of entry number `index`, if the entry is in use and inside the disk.
void add_entry(const TableDisk& disk, const Header& header, std::uint32_t index, const Entry& entry,
               PartitionTable& table) {
    const bool used = std::ranges::any_of(entry.type, [](std::uint8_t byte) { return byte != 0; });
    if (!used || entry.first < header.first_usable || entry.last > header.last_usable || entry.first > entry.last)
        return;
    (void)table.add({index + 1, entry.first * disk.block_size, (entry.last - entry.first + 1) * disk.block_size});
}

Result<PartitionTable> read_entries(TableDisk& disk, std::span<std::byte> block, const Header& header) {
    PartitionTable table;
    table.kind = PartitionTable::Kind::gpt;
    Crc32 crc;
    std::uint64_t left = std::uint64_t{header.entry_count} * header.entry_size;
    Entry entry{};
    std::uint32_t index = 0;
    std::size_t offset_in_entry = 0;  // of the next byte: entries may be larger than blocks
    for (std::uint64_t number = header.entries_block; left != 0; ++number) {
        CHECK(disk.read(number * disk.block_size, block));
        const auto bytes = block.first(static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size())));
        crc.add(bytes);
        left -= bytes.size();
        for (std::size_t place = 0; place < bytes.size();) {
            const std::size_t size = std::min(bytes.size() - place, header.entry_size - offset_in_entry);
            if (offset_in_entry < sizeof(entry))
                std::memcpy(reinterpret_cast<std::byte*>(&entry) + offset_in_entry, bytes.data() + place,
                            std::min(size, sizeof(entry) - offset_in_entry));
            place += size;
            offset_in_entry += size;
            if (offset_in_entry != header.entry_size) continue;
            offset_in_entry = 0;
            add_entry(disk, header, index++, entry, table);
        }
    }
    if (crc.value() != header.entries_crc) return fail(Error::device_broken);
    return table;
}

Result<PartitionTable> read_copy(TableDisk& disk, std::span<std::byte> block, std::uint64_t number) {
    TRY(const Header header, read_header(disk, block, number));
    return read_entries(disk, block, header);
}

}  // namespace

Result<PartitionTable> detail::read_gpt(TableDisk& disk, std::span<std::byte> block) {
    if (disk.block_count() < 2) return fail(Error::device_broken);
    auto table = read_copy(disk, block, 1);
    if (table || table.error() != Error::device_broken) return table;
    // Section 5.3.2: if the first copy is damaged, the one in the last block is used.
    table = read_copy(disk, block, disk.block_count() - 1);
    if (table) table->from_backup = true;
    return table;
}

}  // namespace tenon
