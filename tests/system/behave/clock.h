// SPDX-License-Identifier: Apache-2.0
// Looks at the clocks until time jumps.
#pragma once

/// Prints "jump TSC REALTIME MONOTONIC_BEFORE MONOTONIC_AFTER", times in ns, at the first look after each jump. For ever.
[[noreturn]] void watch_clock();
