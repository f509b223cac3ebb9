// SPDX-License-Identifier: Apache-2.0
// A crash report as text, for machines whose hypervisor does not print it.
#pragma once

#include <string_view>

#include "hypercall/calls.h"

namespace tenon::hvm {

/// Allocates nothing, and reads nothing but the report.
void write_crash_report(const abi::CrashReport& report, void (*write)(std::string_view text));

}  // namespace tenon::hvm
