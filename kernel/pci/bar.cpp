// SPDX-License-Identifier: Apache-2.0
// Base address registers.
#include "kernel/pci/bar.h"

namespace tenon::pci {

namespace {

constexpr std::uint32_t is_ports = 1 << 0, kind_mask = 3 << 1, kind_32_bit = 0 << 1, kind_64_bit = 2 << 1;
constexpr std::uint64_t flags_mask = 0xF;
constexpr std::uint32_t all_ones = 0xFFFF'FFFF;

std::uint8_t offset_of(std::uint8_t index) { return static_cast<std::uint8_t>(word::first_bar + 4 * index); }

/// Bits of the register at `offset` that can be set. Restores the register.
std::uint32_t writable_bits(ConfigurationSpace& space, Location function, std::uint8_t offset) {
    const std::uint32_t before = space.read(function, offset);
    space.write(function, offset, all_ones);
    const std::uint32_t bits = space.read(function, offset);
    space.write(function, offset, before);
    return bits;
}

}  // namespace

Result<abi::MemoryRange> read_bar(ConfigurationSpace& space, Location function, std::uint8_t index) {
    if (index >= bar_count) return fail(Error::not_supported);
    const std::uint8_t low = offset_of(index), high = static_cast<std::uint8_t>(low + 4);
    const std::uint32_t value = space.read(function, low), kind = value & kind_mask;
    const bool wide = kind == kind_64_bit;
    if ((value & is_ports) != 0 || (kind != kind_32_bit && !wide)) return fail(Error::not_supported);
    if (wide && index + 1 == bar_count) return fail(Error::not_supported);
    std::uint64_t base = value, bits;
    const std::uint32_t command = space.read(function, word::command) & 0xFFFF;
    space.write(function, word::command, command & ~command_memory);
    bits = writable_bits(space, function, low);
    if (wide) {
        base |= static_cast<std::uint64_t>(space.read(function, high)) << 32;
        bits |= static_cast<std::uint64_t>(writable_bits(space, function, high)) << 32;
    }
    space.write(function, word::command, command);
    base &= ~flags_mask;
    bits &= ~flags_mask;
    // Address bits below the size are always 0: the lowest bit that can be set is the size.
    const std::uint64_t size = bits & -bits;
    if (size == 0 || base % size != 0) return fail(Error::not_found);
    return abi::MemoryRange{base, size};
}

void write_bar(ConfigurationSpace& space, Location function, std::uint8_t index, std::uint64_t address) {
    const std::uint8_t low = offset_of(index);
    const std::uint32_t kind = space.read(function, low) & kind_mask;
    space.write(function, low, static_cast<std::uint32_t>(address));
    if (kind == kind_64_bit)
        space.write(function, static_cast<std::uint8_t>(low + 4), static_cast<std::uint32_t>(address >> 32));
}

}  // namespace tenon::pci
