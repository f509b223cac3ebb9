// SPDX-License-Identifier: Apache-2.0
// Programs whose handlers are called: by a pause, for a shutdown, for want of memory.
#pragma once

#include <string_view>

/// Says how often it was resumed, and whether the clocks were right. `how` is "well", or "late": longer than its limit.
[[noreturn]] void be_resumed(std::string_view how);
/// Its shutdown handler never comes back.
[[noreturn]] void hang_at_shutdown();
/// Takes memory until it is short; its handler takes longer than it may.
[[noreturn]] void be_slow_under_pressure();
