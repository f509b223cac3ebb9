// SPDX-License-Identifier: Apache-2.0
// The processors that firmware lists.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/acpi/tables.h"

namespace tenon::acpi {

/// The local APICs' numbers of the processors that a MADT lists as enabled (ACPI 6.5, 5.2.12.2 and 5.2.12.12), the
/// boot processor included. Writes as many as `ids` has room for, and returns their number.
[[nodiscard]] std::size_t read_processors(std::span<const std::byte> madt, std::span<std::uint32_t> ids);

/// The same from the MP table (Intel MultiProcessor Specification 1.4, chapter 4), which firmware has put at the end of
/// conventional memory or of the first MiB. 0: there is none.
[[nodiscard]] std::size_t read_mp_table(const PhysicalMemory& memory, std::span<std::uint32_t> ids);

}  // namespace tenon::acpi
