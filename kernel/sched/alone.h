// SPDX-License-Identifier: Apache-2.0
// Running code while nothing else in the guest runs.
#pragma once

#include "kernel/sched/thread.h"
#include "kernel/trap/interrupts.h"

namespace tenon {

/// Stops all other vCPUs in an interrupt, and interrupts of this one, for its lifetime. The calling thread holds no
/// spin lock, for which another vCPU may be waiting.
class OthersStopped {
public:
    OthersStopped();
    ~OthersStopped();
    OthersStopped(const OthersStopped&) = delete;
    OthersStopped& operator=(const OthersStopped&) = delete;

private:
    interrupts::Masked masked_;
};

/// Runs `body` while no other code of the guest runs on any vCPU. `body` must be short, as it delays every interrupt,
/// and must not touch memory that it gives away: not the stacks of running threads either.
template <typename Body>
decltype(auto) run_alone(Body&& body) {
    const OthersStopped stopped;
    return body();
}

/// Calls `visit(thread)` for the thread that each vCPU runs, or is stopped in. In run_alone().
template <typename Visit>
void for_each_running_thread(Visit&& visit) {
    for (std::uint32_t vcpu = 0; vcpu < Cpu::count.load(); ++vcpu)
        visit(static_cast<const Thread&>(*Cpu::all[vcpu]->thread()));
}

/// For a vCPU that has slept: stands still while another one runs alone. Interrupts are masked.
void stay_stopped();

/// Once, before a second vCPU runs.
void prepare_stopping();

}  // namespace tenon
