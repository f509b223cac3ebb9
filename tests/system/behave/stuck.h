// SPDX-License-Identifier: Apache-2.0
// Hanging in the ways that a watchdog tells apart.
#pragma once

#include <string_view>

/// "masked": with interrupts masked, in `hang_with_interrupts_masked`. "agent": with a
/// thread above the agent's, so that only the kernel still answers. Says that it is ready, and does not return.
[[noreturn]] void be_stuck(std::string_view how);
