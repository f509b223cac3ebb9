// SPDX-License-Identifier: Apache-2.0
// Ports of a PC by which a guest ends its machine.
#pragma once

#include <cstdint>

namespace hv::kvm {

/// pvpanic (QEMU, docs/specs/pvpanic): a write of this bit says that the guest has panicked; a read gives the bits that
/// the device knows.
inline constexpr std::uint16_t pvpanic_port = 0x505;
inline constexpr std::uint32_t pvpanic_panicked = 1 << 0;

/// The command port of the keyboard controller (Intel 8042). Its output line 0 is the processor's reset; this command
/// pulses it.
inline constexpr std::uint16_t keyboard_controller = 0x64;
inline constexpr std::uint8_t pulse_reset = 0xFE;

}  // namespace hv::kvm
