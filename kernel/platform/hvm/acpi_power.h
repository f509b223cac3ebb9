// SPDX-License-Identifier: Apache-2.0
// Power of a machine that has ACPI (ACPI 6.5, 4.8): off, reset, and the power button of its fixed hardware.
#pragma once

#include "kernel/acpi/tables.h"

namespace tenon::hvm {

/// Takes the fixed hardware over, and routes its interrupt to abi::event::control: the power button then acts like a
/// hypervisor's request for a shutdown. No effect where there is no such hardware.
void listen_for_power_button(const acpi::Tables& tables);

/// The button was pressed since the last call.
[[nodiscard]] bool take_power_button(const acpi::Tables& tables);

/// Both return only if the machine has no such register.
void switch_off(const acpi::Tables& tables);
void reset_by_acpi(const acpi::Tables& tables);

}  // namespace tenon::hvm
