// SPDX-License-Identifier: Apache-2.0
// Looks at the clocks.
#pragma once

/// behave -- clock [INTERVAL_MS]: looks without a break, and prints, times in ns,
///   "clock GENERATION TSC MONOTONIC TSC REALTIME" at every interval (20 ms), and
///   "jump GENERATION MONOTONIC_BEFORE MONOTONIC_AFTER TSC REALTIME" at the first look after each jump of time.
[[noreturn]] void watch_clock(int interval_ms);

/// behave -- clock-steps JUMPS: reads the monotonic clock until time has jumped so often, a million times at least;
/// prints least, and prints "READS reads, BACK steps back".
/// Waits for a time of the wall clock in some seconds, and for the same time of the monotonic clock, and says when each
/// is reached.
void wait_for_clocks(int seconds);
void count_steps_back(unsigned generations);

/// behave -- clock-cost READS: prints "monotonic READS STEPS_BACK NS", and the same for "realtime".
void measure_clocks(unsigned long reads);
