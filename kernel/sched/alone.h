// SPDX-License-Identifier: Apache-2.0
// Running while nothing else does.
#pragma once

#include "kernel/trap/interrupts.h"

namespace tenon {

/// Runs `body` while no other code of the guest runs on any vCPU. With one vCPU, masked interrupts are all it takes;
/// whoever adds vCPUs stops the others here. `body` is short (it delays every interrupt), and touches no memory that it
/// gives away: its own stack least of all.
template <typename Body>
decltype(auto) run_alone(Body&& body) {
    interrupts::Masked masked;
    return body();
}

}  // namespace tenon
