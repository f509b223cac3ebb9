// SPDX-License-Identifier: Apache-2.0
// A copy of the boot information that the hypervisor passed by PVH; its memory is not needed afterwards.
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
    abi::MemoryRange startup_page{};  ///< of RAM, where other vCPUs start; empty: there are none

    [[nodiscard]] std::span<const abi::MemoryRange> ram() const { return std::span(ranges).first(range_count); }
};

/// Copies the ranges of RAM from `map`: sorted, clipped to whole pages and to [first_ram_address, limit), overlapping
/// ones joined. Ranges beyond max_ranges are ignored.
void take_memory_map(BootInformation& information, std::span<const abi::pvh::MemoryMapEntry> map, std::uint64_t limit);

/// Copies the command line. QEMU's microvm appends `virtio_mmio.device=` options, behind the program's arguments; this
/// moves them in front of ` -- `.
void take_command_line(BootInformation& information, std::string_view text);

}  // namespace tenon::hvm
