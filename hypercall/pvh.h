// SPDX-License-Identifier: Apache-2.0
// The PVH boot protocol: the hypervisor enters the guest in 32-bit protected mode without paging,
// EBX = guest-physical address of HvmStartInfo (Xen, docs/misc/pvh.pandoc and public/arch-x86/hvm/start_info.h).
#pragma once

#include <cstdint>

namespace tenon::abi::pvh {

inline constexpr std::uint32_t start_info_magic = 0x336E'C578;  // "xEn3" with its last bit set
/// ELF note of an image: name "Xen", its descriptor is the 32-bit physical entry address.
inline constexpr std::uint32_t phys32_entry_note = 18;  // XEN_ELFNOTE_PHYS32_ENTRY

struct HvmStartInfo {
    std::uint32_t magic;
    std::uint32_t version;  ///< 1: the memory map below is there
    std::uint32_t flags;
    std::uint32_t module_count;
    std::uint64_t modules;       ///< guest-physical
    std::uint64_t command_line;  ///< guest-physical, terminated by a zero; 0 = none
    std::uint64_t acpi_rsdp;     ///< guest-physical; 0 = no ACPI
    std::uint64_t memory_map;    ///< guest-physical, MemoryMapEntry
    std::uint32_t memory_map_count;
    std::uint32_t reserved;
};
static_assert(sizeof(HvmStartInfo) == 56);

enum class MemoryType : std::uint32_t { ram = 1, reserved = 2, acpi = 3, acpi_nvs = 4, unusable = 5 };

struct MemoryMapEntry {
    std::uint64_t base;
    std::uint64_t size;
    MemoryType type;
    std::uint32_t reserved;
};
static_assert(sizeof(MemoryMapEntry) == 24);

}  // namespace tenon::abi::pvh
