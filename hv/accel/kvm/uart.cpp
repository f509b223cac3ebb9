// SPDX-License-Identifier: Apache-2.0
// A 16550 that transmits.
#include "hv/accel/kvm/uart.h"

namespace hv::kvm {

namespace {

enum Offset : std::uint16_t {
    data,
    interrupt_enable,
    interrupt_identity,
    line_control,
    modem_control,
    line_status,
    modem_status,
    scratch
};
constexpr std::uint8_t transmitter_empty_enabled = 0x02;
constexpr std::uint8_t loopback = 0x10;

}  // namespace

std::uint8_t Uart::read(std::uint16_t offset) {
    constexpr std::uint8_t none_pending = 0x01, transmitter_empty = 0x02, fifos = 0xC0;
    constexpr std::uint8_t holding_and_shift_empty = 0x60;
    constexpr std::uint8_t carrier_ready_clear = 0xB0;
    switch (offset) {
        case data: return divisor_access() ? divisor_[0] : 0;
        case interrupt_enable: return divisor_access() ? divisor_[1] : interrupt_enable_;
        case interrupt_identity: {
            // Reading the reason takes it back.
            const bool pending = transmitter_interrupt_;
            transmitter_interrupt_ = false;
            return static_cast<std::uint8_t>(fifos | (pending ? transmitter_empty : none_pending));
        }
        case line_control: return line_control_;
        case modem_control: return modem_control_;
        case line_status: return holding_and_shift_empty;
        case modem_status:
            // A driver looks for the port by its loopback: the outputs come back as inputs.
            if ((modem_control_ & loopback) != 0)
                return static_cast<std::uint8_t>((modem_control_ & 0x0C) << 4 | (modem_control_ & 0x02) << 3 |
                                                 (modem_control_ & 0x01) << 5);
            return carrier_ready_clear;
        default: return scratch_;
    }
}

void Uart::write(std::uint16_t offset, std::uint8_t value) {
    switch (offset) {
        case data:
            if (divisor_access()) {
                divisor_[0] = value;
                return;
            }
            if ((modem_control_ & loopback) == 0) output_.put(static_cast<char>(value));
            break;
        case interrupt_enable:
            if (divisor_access()) {
                divisor_[1] = value;
                return;
            }
            interrupt_enable_ = value & 0x0F;
            break;
        case line_control: line_control_ = value; return;
        case modem_control: modem_control_ = value & 0x1F; return;
        case scratch: scratch_ = value; return;
        default: return;
    }
    // What was written is sent at once, so the transmitter has become empty.
    transmitter_interrupt_ = (interrupt_enable_ & transmitter_empty_enabled) != 0;
    if (transmitter_interrupt_) output_.interrupt();
}

}  // namespace hv::kvm
