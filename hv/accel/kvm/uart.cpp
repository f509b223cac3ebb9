// SPDX-License-Identifier: Apache-2.0
// A 16550 that transmits; its registers and bits by the names of linux/serial_reg.h.
#include "hv/accel/kvm/uart.h"

#include <utility>

namespace hv::kvm {

namespace {

/// In loopback the four modem outputs come back as inputs: a driver looks for the port by that.
std::uint8_t looped_back(std::uint8_t modem_control) {
    unsigned status = 0;
    if ((modem_control & UART_MCR_DTR) != 0) status |= UART_MSR_DSR;
    if ((modem_control & UART_MCR_RTS) != 0) status |= UART_MSR_CTS;
    if ((modem_control & UART_MCR_OUT1) != 0) status |= UART_MSR_RI;
    if ((modem_control & UART_MCR_OUT2) != 0) status |= UART_MSR_DCD;
    return static_cast<std::uint8_t>(status);
}

}  // namespace

std::uint8_t Uart::read(std::uint16_t offset) {
    constexpr std::uint8_t fifos_enabled = 0xC0;  // bits 6 and 7 of the interrupt identification register
    switch (offset) {
        case UART_RX: return divisor_access() ? divisor_[0] : 0;
        case UART_IER: return divisor_access() ? divisor_[1] : interrupt_enable_;
        case UART_IIR: {
            // Reading the reason acknowledges the interrupt.
            const bool pending = std::exchange(transmitter_interrupt_, false);
            return static_cast<std::uint8_t>(fifos_enabled | (pending ? UART_IIR_THRI : UART_IIR_NO_INT));
        }
        case UART_LCR: return line_control_;
        case UART_MCR: return modem_control_;
        case UART_LSR: return UART_LSR_TEMT | UART_LSR_THRE;
        case UART_MSR:
            return (modem_control_ & UART_MCR_LOOP) != 0 ? looped_back(modem_control_)
                                                         : UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS;
        default: return scratch_;
    }
}

void Uart::write(std::uint16_t offset, std::uint8_t value) {
    switch (offset) {
        case UART_TX:
            if (divisor_access()) {
                divisor_[0] = value;
                return;
            }
            if ((modem_control_ & UART_MCR_LOOP) == 0) output_.put(static_cast<char>(value));
            break;
        case UART_IER:
            if (divisor_access()) {
                divisor_[1] = value;
                return;
            }
            interrupt_enable_ = value & (UART_IER_RDI | UART_IER_THRI | UART_IER_RLSI | UART_IER_MSI);
            break;
        case UART_LCR: line_control_ = value; return;
        case UART_MCR:
            modem_control_ = value & (UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT1 | UART_MCR_OUT2 | UART_MCR_LOOP);
            return;
        case UART_SCR: scratch_ = value; return;
        default: return;
    }
    // hv sends each byte at once: the transmitter is empty again.
    transmitter_interrupt_ = (interrupt_enable_ & UART_IER_THRI) != 0;
    if (transmitter_interrupt_) output_.interrupt();
}

}  // namespace hv::kvm
