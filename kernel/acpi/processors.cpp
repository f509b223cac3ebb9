// SPDX-License-Identifier: Apache-2.0
// Reading lists of processors.
#include "kernel/acpi/processors.h"

#include "kernel/acpi/bytes.h"

namespace tenon::acpi {

namespace {

constexpr std::uint32_t enabled = 1 << 0;  // in the flags of either table

/// A MP configuration table with a valid checksum, or nothing.
Bytes mp_configuration(const PhysicalMemory& memory) {
    // The last KiB of conventional memory, and the BIOS's read-only memory.
    constexpr std::uint64_t base_end = 0xA'0000, bios_begin = 0xF'0000, bios_end = 0x10'0000;
    constexpr std::size_t pointer_size = 16, header_size = 44;
    enum Offset : std::size_t { configuration_address = 4, configuration_length = 4 };
    for (std::uint64_t address = base_end - 1024; address < bios_end; address += pointer_size) {
        if (address == base_end) address = bios_begin;
        const Bytes pointer = memory.bytes(address, pointer_size);
        if (!begins_with(pointer, "_MP_") || !sums_to_zero(pointer)) continue;
        const auto table = field<std::uint32_t>(pointer, configuration_address);
        const Bytes header = memory.bytes(table, header_size);
        if (!begins_with(header, "PCMP")) return {};
        const Bytes whole = memory.bytes(table, field<std::uint16_t>(header, configuration_length));
        return whole.size() >= header_size && sums_to_zero(whole) ? whole.subspan(header_size) : Bytes{};
    }
    return {};
}

}  // namespace

std::size_t read_processors(Bytes madt, std::span<std::uint32_t> ids) {
    constexpr std::size_t first = 44, structure_header = 2;
    enum Offset : std::size_t {
        type = 0,
        structure_length = 1,
        apic_id = 3,
        apic_flags = 4,
        x2apic_id = 4,
        x2apic_flags = 8
    };
    enum Type : std::uint8_t { local_apic = 0, local_x2apic = 9 };
    constexpr std::size_t local_apic_size = 8, local_x2apic_size = 16;
    std::size_t count = 0;
    for (std::size_t entry = first, length = 0; entry + structure_header <= madt.size(); entry += length) {
        length = field<std::uint8_t>(madt, entry + structure_length);
        if (length < structure_header || length > madt.size() - entry) break;
        const auto kind = field<std::uint8_t>(madt, entry + type);
        std::uint32_t id = 0, flags = 0;
        if (kind == local_apic && length >= local_apic_size) {
            id = field<std::uint8_t>(madt, entry + apic_id);
            flags = field<std::uint32_t>(madt, entry + apic_flags);
        } else if (kind == local_x2apic && length >= local_x2apic_size) {
            id = field<std::uint32_t>(madt, entry + x2apic_id);
            flags = field<std::uint32_t>(madt, entry + x2apic_flags);
        }
        if ((flags & enabled) != 0 && count < ids.size()) ids[count++] = id;
    }
    return count;
}

std::size_t read_mp_table(const PhysicalMemory& memory, std::span<std::uint32_t> ids) {
    // Entries of processors come first (4.3).
    constexpr std::size_t entry_size = 20;
    enum Offset : std::size_t { type = 0, apic_id = 1, flags = 3 };
    constexpr std::uint8_t processor = 0;
    std::size_t count = 0;
    for (Bytes left = mp_configuration(memory); left.size() >= entry_size; left = left.subspan(entry_size)) {
        if (field<std::uint8_t>(left, type) != processor) break;
        if ((field<std::uint8_t>(left, flags) & enabled) != 0 && count < ids.size())
            ids[count++] = field<std::uint8_t>(left, apic_id);
    }
    return count;
}

}  // namespace tenon::acpi
