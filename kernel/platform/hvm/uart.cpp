// SPDX-License-Identifier: Apache-2.0
// A 16550 at COM1 (National Semiconductor PC16550D).
#include "kernel/platform/hvm/uart.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/port_io.h"

namespace tenon::hvm {

namespace {

constexpr std::uint16_t base = 0x3F8;
constexpr std::uint16_t data = base, interrupt_enable = base + 1, fifo_control = base + 2, line_control = base + 3,
                        modem_control = base + 4, line_status = base + 5;
constexpr std::uint8_t transmitter_empty = 0x20;

void put(char c) {
    constexpr int patience = 1'000'000;
    for (int attempt = 0; attempt < patience; attempt++) {
        const std::uint8_t status = in8(line_status);
        if (status == 0xFF) return;  // there is no port
        if ((status & transmitter_empty) != 0) break;
        cpu_relax();
    }
    out8(data, static_cast<std::uint8_t>(c));
}

}  // namespace

void prepare_uart() {
    constexpr std::uint8_t divisor_access = 0x80, eight_bits = 3;                   // line control
    constexpr std::uint8_t fifo_enable = 1, clear_receive = 2, clear_transmit = 4;  // FIFO control
    constexpr std::uint8_t terminal_ready = 1, request_to_send = 2;                 // modem control
    constexpr std::uint8_t divisor = 1;                                             // of 115200 baud
    out8(interrupt_enable, 0);
    out8(line_control, divisor_access | eight_bits);
    out8(data, divisor);
    out8(interrupt_enable, 0);  // with divisor access: the divisor's upper half
    out8(line_control, eight_bits);
    out8(fifo_control, fifo_enable | clear_receive | clear_transmit);
    out8(modem_control, terminal_ready | request_to_send);
}

void uart_write(std::string_view text) {
    for (const char c : text) {
        if (c == '\n') put('\r');
        put(c);
    }
}

}  // namespace tenon::hvm
