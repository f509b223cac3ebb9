// SPDX-License-Identifier: Apache-2.0
// A function's interrupt line (PCI Local Bus 3.0, 2.2.6 and 6.2.4), for functions that send no messages.
#pragma once

#include <optional>

#include "kernel/pci/configuration_space.h"

namespace tenon::pci {

/// Number of the line to which the function's pin is wired, as firmware has written it. Nothing: the function has no
/// pin, or firmware has written no line. 0 counts as none, because a PC's interrupt 0 belongs to the timer.
[[nodiscard]] inline std::optional<std::uint8_t> read_interrupt_line(ConfigurationSpace& space, Location function) {
    constexpr std::uint32_t last_pin = 4, unknown = 0xFF;
    const std::uint32_t value = space.read(function, word::interrupt);
    const std::uint32_t line = value & 0xFF, pin = value >> 8 & 0xFF;
    if (pin == 0 || pin > last_pin || line == 0 || line == unknown) return std::nullopt;
    return static_cast<std::uint8_t>(line);
}

}  // namespace tenon::pci
