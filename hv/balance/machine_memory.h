// SPDX-License-Identifier: Apache-2.0
// A control socket's answer about its machine's memory. The text is a stranger's: a guest may have taken over its hv.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "hv/balance/samples.h"
#include "hv/core/error.h"

namespace hv::balance {

struct MachineMemory {
    MachineSample sample;
    std::vector<pid_t> processes;  ///< hv, and the guest's process; they say so themselves
};

/// Longest answer, and deepest nesting in it, that is looked at.
inline constexpr std::size_t answer_limit = 64 << 10;
inline constexpr std::size_t nesting_limit = 8;

/// Errors: internal (not JSON, too deep, not what a machine answers).
Result<MachineMemory> parse_machine_memory(const std::string& name, std::string_view text);

}  // namespace hv::balance
