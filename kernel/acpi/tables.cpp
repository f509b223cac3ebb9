// SPDX-License-Identifier: Apache-2.0
// Reading ACPI's tables.
#include "kernel/acpi/tables.h"

#include "kernel/acpi/bytes.h"

namespace tenon::acpi {

namespace {

/// The header of every table (5.2.6).
constexpr std::size_t header_size = 36, length_offset = 4;

/// A whole table with a valid checksum, or nothing.
Bytes table_at(const PhysicalMemory& memory, std::uint64_t address) {
    constexpr std::size_t largest = 1 << 20;
    const Bytes header = memory.bytes(address, header_size);
    const auto length = field<std::uint32_t>(header, length_offset);
    if (length < header_size || length > largest) return {};
    const Bytes table = memory.bytes(address, length);
    return sums_to_zero(table) ? table : Bytes{};
}

enum class AddressSpace : std::uint8_t { memory = 0, io = 1 };

/// The generic address structure (5.2.3.2) of a register: its address, or 0 if it is in another address space.
std::uint64_t register_in(AddressSpace space, Bytes table, std::size_t offset) {
    constexpr std::size_t address_offset = 4;
    return field<AddressSpace>(table, offset) == space ? field<std::uint64_t>(table, offset + address_offset) : 0;
}

std::uint16_t port_of(Bytes table, std::size_t offset) {
    const std::uint64_t port = register_in(AddressSpace::io, table, offset);
    return port <= 0xFFFF ? static_cast<std::uint16_t>(port) : 0;
}

std::uint16_t port_field(Bytes table, std::size_t offset) {
    const auto port = field<std::uint32_t>(table, offset);
    return port <= 0xFFFF ? static_cast<std::uint16_t>(port) : 0;
}

/// 5.2.9, table 5.9.
void read_fadt(const PhysicalMemory& memory, Bytes fadt, Tables& tables) {
    enum Offset : std::size_t {
        dsdt = 40,
        sci_interrupt = 46,
        smi_command = 48,
        acpi_enable = 52,
        pm1a_event = 56,
        pm1a_control = 64,
        pm1b_control = 68,
        pm1_event_length = 88,
        flags = 112,
        reset_register = 116,
        reset_value = 128,
        wide_dsdt = 140,
        sleep_control = 244,
    };
    enum Flag : std::uint32_t { power_button_is_control_method = 1 << 4, reset_supported = 1 << 10, reduced = 1 << 20 };
    const auto flag_bits = field<std::uint32_t>(fadt, flags);
    if ((flag_bits & reset_supported) != 0) {
        tables.fixed.reset_port = port_of(fadt, reset_register);
        tables.fixed.reset_value = field<std::uint8_t>(fadt, reset_value);
    }
    const auto wide = field<std::uint64_t>(fadt, wide_dsdt);
    const Bytes block = table_at(memory, wide != 0 ? wide : field<std::uint32_t>(fadt, dsdt));
    const bool has_block = begins_with(block, "DSDT");
    if (has_block) tables.soft_off = find_soft_off(block);
    tables.hardware_reduced = (flag_bits & reduced) != 0;
    if (tables.hardware_reduced) {
        tables.sleep_control_address = register_in(AddressSpace::memory, fadt, sleep_control);
        if ((flag_bits & reset_supported) != 0)
            tables.reset_address = register_in(AddressSpace::memory, fadt, reset_register);
        tables.reset_value = field<std::uint8_t>(fadt, reset_value);
        if (has_block) tables.virtio_mmio_count = find_virtio_mmio(block, tables.virtio_mmio);
        return;
    }
    FixedHardware& fixed = tables.fixed;
    fixed.event_port = port_field(fadt, pm1a_event);
    fixed.event_enable_port =
        static_cast<std::uint16_t>(fixed.event_port + field<std::uint8_t>(fadt, pm1_event_length) / 2);
    fixed.control_port = port_field(fadt, pm1a_control);
    fixed.control_port_b = port_field(fadt, pm1b_control);
    fixed.command_port = port_field(fadt, smi_command);
    fixed.enable_command = field<std::uint8_t>(fadt, acpi_enable);
    fixed.interrupt_line = static_cast<std::uint8_t>(field<std::uint16_t>(fadt, sci_interrupt));
    fixed.power_button = fixed.event_port != 0 && (flag_bits & power_button_is_control_method) == 0;
}

/// PCI Firmware 3.2, table 4-3.
void read_mcfg(Bytes mcfg, Tables& tables) {
    constexpr std::size_t first = 44, size = 16;
    enum Offset : std::size_t { base = 0, segment = 8, first_bus = 10, last_bus = 11 };
    for (std::size_t entry = first; entry + size <= mcfg.size(); entry += size) {
        if (field<std::uint16_t>(mcfg, entry + segment) != 0 || field<std::uint8_t>(mcfg, entry + first_bus) != 0)
            continue;
        tables.pci = EnhancedConfiguration{.base = field<std::uint64_t>(mcfg, entry + base),
                                           .last_bus = field<std::uint8_t>(mcfg, entry + last_bus)};
        return;
    }
}

/// 5.2.12, table 5.21: reads the interrupt source overrides (5.2.12.5).
void read_madt(Bytes madt, Tables& tables) {
    constexpr std::size_t first = 44, structure_header = 2, override_size = 10;
    enum Offset : std::size_t {
        type = 0,
        structure_length = 1,
        isa_source = 3,
        global_interrupt = 4,
        override_flags = 8
    };
    constexpr std::uint8_t source_override = 2;
    constexpr std::uint16_t polarity_mask = 3, active_low = 3;
    for (std::size_t entry = first, length = 0; entry + structure_header <= madt.size(); entry += length) {
        length = field<std::uint8_t>(madt, entry + structure_length);
        if (length < structure_header || length > madt.size() - entry) return;
        const auto source = field<std::uint8_t>(madt, entry + isa_source);
        if (field<std::uint8_t>(madt, entry + type) != source_override || length < override_size ||
            source >= tables.overrides.size())
            continue;
        const auto flags = field<std::uint16_t>(madt, entry + override_flags);
        tables.overrides[source] = LineInput{.input = field<std::uint32_t>(madt, entry + global_interrupt),
                                             .active_low = (flags & polarity_mask) == active_low};
    }
}

/// An integer of a package (20.2.3); advances `at`. Nothing: it is encoded in another way.
std::optional<std::uint8_t> take_small_integer(Bytes block, std::size_t& at) {
    enum Prefix : std::uint8_t { zero = 0x00, one = 0x01, byte_follows = 0x0A };
    const auto code = field<std::uint8_t>(block, at++);
    if (code == zero || code == one) return code;
    if (code != byte_follows || at >= block.size()) return std::nullopt;
    return field<std::uint8_t>(block, at++);
}

}  // namespace

std::optional<SleepType> find_soft_off(Bytes block) {
    constexpr std::string_view name = "_S5_";
    constexpr std::uint8_t name_op = 0x08, package_op = 0x12, root = '\\';
    for (std::size_t i = 2; i + name.size() < block.size(); ++i) {
        if (!begins_with(block.subspan(i), name)) continue;
        const std::size_t before = field<std::uint8_t>(block, i - 1) == root ? i - 2 : i - 1;
        if (field<std::uint8_t>(block, before) != name_op) continue;
        std::size_t at = i + name.size();
        if (field<std::uint8_t>(block, at++) != package_op || at >= block.size()) continue;
        // PkgLength (20.2.4): the two upper bits of its first byte say how many bytes follow.
        constexpr unsigned following_bytes_shift = 6;
        at += 1 + (field<std::uint8_t>(block, at) >> following_bytes_shift);
        const auto elements = field<std::uint8_t>(block, at++);
        if (elements == 0 || at >= block.size()) continue;
        const auto a = take_small_integer(block, at);
        const auto b = elements > 1 && at < block.size() ? take_small_integer(block, at) : std::uint8_t{0};
        if (a && b && *a < 8 && *b < 8) return SleepType{*a, *b};
    }
    return std::nullopt;
}

Tables read_tables(const PhysicalMemory& memory, std::uint64_t address) {
    Tables tables;
    // The RSDP (5.2.5.3).
    constexpr std::size_t size_of_first_revision = 20, size = 36;
    enum Offset : std::size_t { revision = 15, rsdt_address = 16, xsdt_address = 24 };
    const Bytes first = memory.bytes(address, size_of_first_revision);
    if (!begins_with(first, "RSD PTR ") || !sums_to_zero(first)) return tables;
    const bool wide = field<std::uint8_t>(first, revision) >= 2;
    const Bytes rsdp = wide ? memory.bytes(address, size) : first;
    const Bytes root =
        table_at(memory, wide ? field<std::uint64_t>(rsdp, xsdt_address) : field<std::uint32_t>(rsdp, rsdt_address));
    const std::size_t entry_size = wide ? 8 : 4;
    for (std::size_t entry = header_size; entry + entry_size <= root.size(); entry += entry_size) {
        const Bytes table =
            table_at(memory, wide ? field<std::uint64_t>(root, entry) : field<std::uint32_t>(root, entry));
        if (begins_with(table, "FACP")) read_fadt(memory, table, tables);
        if (begins_with(table, "MCFG")) read_mcfg(table, tables);
        if (begins_with(table, "APIC")) {
            tables.madt = table;
            read_madt(table, tables);
        }
        tables.present = tables.present || !table.empty();
    }
    return tables;
}

}  // namespace tenon::acpi
