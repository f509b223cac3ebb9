// SPDX-License-Identifier: Apache-2.0
// Partition tables: MBR with its chain of logical partitions, and GPT (UEFI 2.10, section 5).
//
// A disk's contents are not trusted: each number is checked against the disk's size, every loop has a bound, and data
// is used only after its checksum was verified. The disk is a parameter, so the parsers run on the build machine too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/result.h"

namespace tenon {

/// The disk that a table is read from. Offsets and sizes in bytes.
class TableDisk {
public:
    std::uint64_t size;
    std::uint32_t block_size;  ///< a power of two from 512 to largest_block
    static constexpr std::uint32_t largest_block = 64 * 1024;
    /// Reads whole blocks at `offset`, a multiple of the block size, inside the disk.
    [[nodiscard]] virtual Result<> read(std::uint64_t offset, std::span<std::byte> blocks) = 0;

    [[nodiscard]] std::uint64_t block_count() const { return size / block_size; }

protected:
    TableDisk(std::uint64_t disk_size, std::uint32_t disk_block_size) : size(disk_size), block_size(disk_block_size) {}
    ~TableDisk() = default;
};

struct PartitionRange {
    std::uint32_t number;  ///< from 1; logical partitions of an MBR from 5
    std::uint64_t offset;  ///< bytes
    std::uint64_t size;    ///< bytes, not 0; inside the disk
};

/// Further partitions are ignored.
inline constexpr std::size_t most_partitions = 31;

struct PartitionTable {
    enum class Kind : std::uint8_t { none, mbr, gpt } kind = Kind::none;
    bool from_backup = false;  ///< gpt: the primary table is damaged
    std::size_t count = 0;
    PartitionRange partitions[most_partitions] = {};

    /// False: it is full.
    bool add(const PartitionRange& range) {
        if (count == most_partitions) return false;
        partitions[count++] = range;
        return true;
    }
};

/// `scratch` holds at least one block. Errors: those of reading; device_broken (a protective MBR says that there is a
/// GPT, and both copies are damaged); no_memory (scratch is too small). A disk without a table is no error: the result
/// has no partitions.
[[nodiscard]] Result<PartitionTable> read_partition_table(TableDisk& disk, std::span<std::byte> scratch);

namespace detail {
/// Both stop at the first invalid entry, and keep the partitions found so far.
[[nodiscard]] Result<> read_logical_partitions(TableDisk& disk, std::span<std::byte> block, std::uint64_t first,
                                               std::uint64_t count, PartitionTable& table);
[[nodiscard]] Result<PartitionTable> read_gpt(TableDisk& disk, std::span<std::byte> block);
}  // namespace detail

}  // namespace tenon
