// SPDX-License-Identifier: Apache-2.0
// Running code while nothing else in the guest runs.
#pragma once

#include "kernel/trap/interrupts.h"

namespace tenon {

/// Runs `body` while no other code of the guest runs on any vCPU. With one vCPU, masking interrupts is enough; with
/// more, the others must be stopped here. `body` must be short, as it delays every interrupt, and must not touch memory
/// that it gives away: not its own stack either.
template <typename Body>
decltype(auto) run_alone(Body&& body) {
    interrupts::Masked masked;
    return body();
}

}  // namespace tenon
