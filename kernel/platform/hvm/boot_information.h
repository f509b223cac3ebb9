// SPDX-License-Identifier: Apache-2.0
// What the hypervisor told by PVH, as a copy: nothing of it is needed in guest memory afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "hypercall/pvh.h"
#include "hypercall/start_info.h"
#include "kernel/acpi/tables.h"

namespace tenon::hvm {

struct BootInformation {
    static constexpr std::size_t max_ranges = 16;
    static constexpr std::size_t max_command_line = 4096;

    std::size_t range_count = 0;
    abi::MemoryRange ranges[max_ranges] = {};  ///< RAM: ascending, disjoint, whole pages, without page 0
    std::size_t command_line_size = 0;
    char command_line[max_command_line] = {};
    acpi::Tables acpi{};

    [[nodiscard]] std::span<const abi::MemoryRange> ram() const { return std::span(ranges).first(range_count); }
};

/// Takes the ranges of RAM out of `map`: sorted, clipped to whole pages and to [first_ram_address, limit), overlaps
/// joined; ranges beyond max_ranges are left out.
void take_memory_map(BootInformation& information, std::span<const abi::pvh::MemoryMapEntry> map, std::uint64_t limit);

/// Takes the command line. A hypervisor that appends `virtio_mmio.device=` options (QEMU's microvm) puts them behind
/// the program's arguments: these are moved in front of ` -- `.
void take_command_line(BootInformation& information, std::string_view text);

}  // namespace tenon::hvm
