// SPDX-License-Identifier: Apache-2.0
// A machine whose vCPUs are threads of the test program: the kernel's scheduler, timers and locks run on it unchanged.
#pragma once

#include <cstdint>

namespace tenon::test {

/// Makes the calling thread vCPU 0 of a machine of `vcpus`, and runs `program` on the kernel's first thread. As on pv,
/// a running vCPU is interrupted by a signal, and a sleeping one is woken by a futex. Code of the C library that keeps
/// state for each thread of the host must run with interrupts masked: elsewhere the kernel's thread may change vCPUs.
[[noreturn]] void run_machine(std::uint32_t vcpus, void (*program)());

}  // namespace tenon::test
