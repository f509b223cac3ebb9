// SPDX-License-Identifier: Apache-2.0
// An inode as it is on the disk (Documentation/filesystems/ext4/inodes.rst of Linux), little-endian.
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

namespace tenon::ext4 {

struct InodeRecord {
    std::uint16_t mode;
    std::uint16_t owner_low;
    std::uint32_t size_low;
    std::uint32_t accessed, changed, modified;
    std::uint32_t deleted;  ///< when; of an orphan: the next orphan's number
    std::uint16_t group_low;
    std::uint16_t links;
    std::uint32_t blocks_low;  ///< of 512 bytes, or with huge_file_flag of the file system's
    std::uint32_t flags;
    std::uint32_t version;
    std::uint32_t block[15];  ///< the extent tree's root, block numbers, or a short link's target
    std::uint32_t generation;
    std::uint32_t attributes_low;
    std::uint32_t size_high;
    std::uint32_t fragment;
    std::uint16_t blocks_high;
    std::uint16_t attributes_high;
    std::uint16_t owner_high;
    std::uint16_t group_high;
    std::uint16_t checksum_low;
    std::uint16_t reserved;
    // From here on only as far as extra_size says, which counts from itself.
    std::uint16_t extra_size;
    std::uint16_t checksum_high;
    std::uint32_t changed_extra, modified_extra, accessed_extra;
    std::uint32_t created, created_extra;
    std::uint32_t version_high;
    std::uint32_t project;

    static constexpr std::uint32_t index_flag = 0x1000, huge_file_flag = 0x40000, extents_flag = 0x80000;
    static constexpr std::size_t shortest = 128;

    [[nodiscard]] std::uint64_t size() const { return std::uint64_t{size_high} << 32 | size_low; }
    void set_size(std::uint64_t size) {
        size_low = static_cast<std::uint32_t>(size);
        size_high = static_cast<std::uint32_t>(size >> 32);
    }
    [[nodiscard]] std::uint32_t owner() const { return std::uint32_t{owner_high} << 16 | owner_low; }
    void set_owner(std::uint32_t owner) {
        owner_low = static_cast<std::uint16_t>(owner);
        owner_high = static_cast<std::uint16_t>(owner >> 16);
    }
    [[nodiscard]] std::uint32_t group() const { return std::uint32_t{group_high} << 16 | group_low; }
    void set_group(std::uint32_t group) {
        group_low = static_cast<std::uint16_t>(group);
        group_high = static_cast<std::uint16_t>(group >> 16);
    }
    [[nodiscard]] bool has_extents() const { return (flags & extents_flag) != 0; }

    enum class Time : std::uint8_t { accessed, changed, modified };
    [[nodiscard]] timespec time(Time which) const;
    void set_time(Time which, const timespec& time);
    void set_created(const timespec& time);

private:
    [[nodiscard]] bool has_extra(const std::uint32_t& field) const;
};

static_assert(sizeof(InodeRecord) == 160);

}  // namespace tenon::ext4
