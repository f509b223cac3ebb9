// SPDX-License-Identifier: Apache-2.0
// From the platform's entry code to the program.
#pragma once

#include "kernel/platform/platform.h"

namespace tenon {

/// Prepares the calling vCPU: GS base and its Cpu record, whose pending and mask words are `events`. Interrupts stay
/// masked. C++ entry code calls it first.
void prepare_cpu(std::uint32_t index, abi::VcpuEvents& events);

/// Runs threads on a vCPU that Platform::start_vcpu() has started, after prepare_cpu: the calling context becomes its
/// idle thread.
[[noreturn]] void enter_vcpu();

/// Starts all other vCPUs, one after the other; returns when they run. On a thread, before any that works with locks
/// that are not needed on one vCPU.
void start_other_vcpus();

/// Starts the kernel on `platform` and runs the program. Called once, on the boot stack, by vCPU 0, after prepare_cpu;
/// interrupts are masked. Does not allocate before it has initialised memory.
[[noreturn]] void boot(Platform& platform);

}  // namespace tenon
