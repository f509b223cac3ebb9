// SPDX-License-Identifier: Apache-2.0
// A serial port that only transmits: the console of guests that have no better one yet.
#pragma once

#include <linux/serial_reg.h>

#include <cstdint>
#include <functional>

namespace hv::kvm {

/// Registers of a 16550 (National Semiconductor PC16550D), as far as a driver that prints looks at them. There is never
/// input, and the transmitter is always empty. On one thread.
class Uart {
public:
    static constexpr std::uint16_t base_port = 0x3F8, port_count = 8;

    struct Output {
        std::function<void(char)> put;
        std::function<void()> interrupt;  ///< an edge on the port's line
    };
    explicit Uart(Output output) : output_(std::move(output)) {}

    [[nodiscard]] std::uint8_t read(std::uint16_t offset);
    void write(std::uint16_t offset, std::uint8_t value);

private:
    [[nodiscard]] bool divisor_access() const { return (line_control_ & UART_LCR_DLAB) != 0; }

    Output output_;
    std::uint8_t interrupt_enable_ = 0, line_control_ = 0, modem_control_ = 0, scratch_ = 0;
    std::uint8_t divisor_[2] = {1, 0};
    bool transmitter_interrupt_ = false;
};

}  // namespace hv::kvm
