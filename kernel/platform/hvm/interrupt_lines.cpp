// SPDX-License-Identifier: Apache-2.0
// The I/O APIC (Intel 82093AA) and the two 8259.
#include "kernel/platform/hvm/interrupt_lines.h"

#include "kernel/arch/x86_64/port_io.h"
#include "kernel/platform/hvm/local_apic.h"

namespace tenon::hvm {

namespace {

// The registers in memory, in words: the index of a register, and its value.
constexpr std::size_t select = 0, window = 4;
constexpr std::uint32_t version_register = 1, first_redirection = 0x10;
constexpr unsigned last_entry_shift = 16, destination_shift = 24;
constexpr std::uint32_t redirection_masked = 1 << 16, redirection_active_low = 1 << 13;

void write(std::uint32_t number, std::uint32_t value) {
    auto* registers = to_pointer<volatile std::uint32_t>(io_apic_address);
    registers[select] = number;
    registers[window] = value;
}
std::uint32_t read(std::uint32_t number) {
    auto* registers = to_pointer<volatile std::uint32_t>(io_apic_address);
    registers[select] = number;
    return registers[window];
}

}  // namespace

std::uint32_t interrupt_line_count() { return (read(version_register) >> last_entry_shift & 0xFF) + 1; }

void silence_interrupt_lines() {
    constexpr std::uint16_t first_pic_mask = 0x21, second_pic_mask = 0xA1;
    out8(first_pic_mask, 0xFF);
    out8(second_pic_mask, 0xFF);
    const std::uint32_t count = interrupt_line_count();
    for (std::uint32_t line = 0; line < count; line++) write(first_redirection + 2 * line, redirection_masked);
}

void route_interrupt_line(std::uint32_t line, std::uint8_t vector, bool active_low) {
    // Fixed delivery, physical destination, edge: all zeros.
    write(first_redirection + 2 * line + 1, interrupt_destination << destination_shift);
    write(first_redirection + 2 * line, vector | (active_low ? redirection_active_low : 0));
}

std::uint8_t routed_vector(std::uint32_t line) {
    const std::uint32_t entry = read(first_redirection + 2 * line);
    return (entry & redirection_masked) != 0 ? 0 : static_cast<std::uint8_t>(entry);
}

}  // namespace tenon::hvm
