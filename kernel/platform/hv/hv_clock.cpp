// SPDX-License-Identifier: Apache-2.0
// Reading the clock of a machine of hv. In a file of its own, because hv_machine.cpp is compiled for size.
#include "kernel/platform/hv/hv_machine.h"
#include "kernel/platform/pvclock.h"

namespace tenon {

Nanoseconds HvMachine::read_clock() { return read_page_clock(clock_); }

Nanoseconds HvMachine::read_realtime() { return read_page_wall_clock(clock_, read_page_clock(clock_)); }

std::uint64_t HvMachine::clock_generation() { return clock_.generation.load(std::memory_order_acquire); }

}  // namespace tenon
