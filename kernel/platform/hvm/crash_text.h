// SPDX-License-Identifier: Apache-2.0
// A crash report as text, for machines whose hypervisor does not print it.
#pragma once

#include <string_view>

#include "hypercall/calls.h"

namespace tenon::hvm {

using WriteCrashText = void (*)(std::string_view text);

/// Allocates nothing, and reads nothing but the report.
void write_crash_report(const abi::CrashReport& report, WriteCrashText write);

/// A part of it: a line " NAME value" in hexadecimal, without an end of line; the general registers in the trap frame's
/// order.
void write_hex(WriteCrashText write, std::string_view name, std::uint64_t value);
void write_general_registers(WriteCrashText write, const std::uint64_t (&general)[16]);

}  // namespace tenon::hvm
