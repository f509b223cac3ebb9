// SPDX-License-Identifier: Apache-2.0
// Disks, their partitions and their statistics, for the agent, which reports them to the host. The block layer
// implements the interface, if the image has one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tenon {

struct DiskInformation {
    std::array<char, 16> name;                    ///< terminated by a zero
    std::array<char, 16> whole;                   ///< the disk of a partition; empty for a whole disk
    std::uint64_t read_sectors, read_operations;  ///< sectors of 512 bytes
    std::uint64_t write_sectors, write_operations;
    std::uint64_t flush_operations;
    std::uint64_t in_progress;
    std::uint64_t read_ns, write_ns, flush_ns;  ///< sums over operations; of whole disks only, as is in_progress
};

class DiskList {
public:
    /// Fills in as many as `list` has room for, disks before their partitions; returns how many.
    virtual std::size_t disks(std::span<DiskInformation> list) = 0;

protected:
    ~DiskList() = default;
};

void register_disk_list(DiskList& list);
/// Null: the image has no block layer.
[[nodiscard]] DiskList* disk_list();

}  // namespace tenon
