// SPDX-License-Identifier: Apache-2.0
// Page tables that map guest-physical addresses P at guest_base + P: 2 MiB pages where they fit, 4 KiB pages where
// they must (Intel SDM volume 3, 4.5). The same code runs on the build machine, over a buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "hypercall/start_info.h"
#include "kernel/base/address.h"

namespace tenon {

/// Access rights besides reading. `device` memory is not cached.
enum class PageAccess { read_only, read_write, execute, device };

class PageTables {
public:
    static constexpr std::uint64_t large_page_size = 2 << 20;
    /// A top is a PDPT, which maps this much.
    static constexpr std::uint64_t top_size = 512ULL << 30;
    /// Guest-physical addresses up to here can be mapped: 46 bits, at whose end UEFI firmware puts devices.
    static constexpr std::size_t top_count = 128;
    static constexpr std::uint64_t physical_limit = top_count * top_size;

    /// Tables come from `tables` (guest-physical, whole pages, contents ignored) and are reached by adding
    /// `direct_map`. The first one becomes the first top.
    PageTables(abi::MemoryRange tables, std::uintptr_t direct_map)
        : next_table_(tables.base), tables_end_(tables.base + tables.size), direct_map_(direct_map) {
        tops_[0] = new_table();
    }
    /// The PDPT of the addresses from `index` * top_size on; 0 if nothing is mapped there.
    [[nodiscard]] PhysicalAddress top(std::size_t index) const { return PhysicalAddress{tops_[index]}; }

    /// Upper bound of the pages that the tables take: for `ram_bytes` in `ranges` pieces below `ram_end`, with every
    /// large page split, and for a few devices.
    static constexpr std::uint64_t tables_needed(std::uint64_t ram_bytes, std::uint64_t ranges, std::uint64_t ram_end) {
        constexpr std::uint64_t tops_and_devices = 12, gigabyte = 1ULL << 30;
        return tops_and_devices + align_up(ram_end, gigabyte) / gigabyte +
               align_up(ram_bytes, large_page_size) / large_page_size + 2 * ranges;
    }

    /// Maps whole pages, also over older mappings. False: beyond the limit, or no table left. The caller flushes.
    [[nodiscard]] bool map(abi::MemoryRange range, PageAccess access);
    /// Makes one mapped page inaccessible, or accessible again with the same rights. False: it is not mapped, or no
    /// table is left. The caller flushes that page.
    [[nodiscard]] bool set_present(std::uint64_t page, bool present);

    /// The entry that maps `address`, 0 if there is none: for tests.
    [[nodiscard]] std::uint64_t entry_of(std::uint64_t address) const;

private:
    std::uint64_t* table_at(std::uint64_t entry_or_address) const;
    std::uint64_t new_table();
    std::uint64_t* directory_entry(std::uint64_t address);
    std::uint64_t* page_entry(std::uint64_t address);

    std::uint64_t next_table_;
    std::uint64_t tables_end_;
    std::uintptr_t direct_map_;
    std::array<std::uint64_t, top_count> tops_{};
};

}  // namespace tenon
