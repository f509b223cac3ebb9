// SPDX-License-Identifier: Apache-2.0
// A machine's virtio-mmio devices, which the command line or ACPI names.
#pragma once

#include <cstdint>

#include "kernel/acpi/tables.h"

namespace tenon::hvm {

/// Hands the device to its driver; `index` is its number, by which its event is chosen, and `line` an input of the I/O
/// APIC. Returns what is wrong with the numbers, or null.
const char* probe_mmio_device(std::uint64_t address, std::uint64_t size, std::uint32_t line, std::uint32_t index);

/// Devices that ACPI describes, unless the command line has named some. Returns the first number that is free.
std::uint32_t probe_acpi_devices(const acpi::Tables& tables, std::uint32_t named);

}  // namespace tenon::hvm
