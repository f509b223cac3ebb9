// SPDX-License-Identifier: Apache-2.0
// Choosing a vCPU for a thread, and a thread for a vCPU, from what each vCPU shows of its work.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "kernel/sched/priority_queue.h"

namespace tenon {

/// What a vCPU shows to the others, as it was a moment ago. A reader that must not miss a change puts a sequentially
/// consistent fence between its own change and the reading.
struct Load {
    Priority running;  ///< of the current thread
    Priority waiting;  ///< of the most urgent one in the queue; idle: it is empty

    [[nodiscard]] bool is_idle() const { return most_urgent() == Priority::idle; }
    [[nodiscard]] Priority most_urgent() const { return std::max(running, waiting); }
};

/// vCPU indices as bits.
using VcpuSet = std::uint32_t;
inline constexpr VcpuSet every_vcpu = ~VcpuSet{0};

/// Calls `visit(index)` in ascending order for each vCPU in `set`, until it returns true. True: it did.
template <typename Visit>
bool any_of_vcpus(VcpuSet set, Visit&& visit) {
    for (; set != 0; set &= set - 1)
        if (visit(static_cast<std::uint32_t>(std::countr_zero(set)))) return true;
    return false;
}

/// The vCPU whose queue gets a thread that becomes runnable: the one that it ran on last if that is idle, as its data
/// is there; else another idle one; else the last one if it has only less urgent work; else the one with the least
/// urgent work, unless that is more urgent than this thread; else the last one. Among equals the last one is preferred.
/// `allowed` is not empty; `load(index)` is a vCPU's Load.
template <typename LoadOf>
std::uint32_t place(Priority priority, std::uint32_t last, VcpuSet allowed, LoadOf&& load) {
    const auto first = static_cast<std::uint32_t>(std::countr_zero(allowed));
    if ((allowed >> last & 1) == 0) last = first;
    const Priority at_last = load(last).most_urgent();
    Priority lowest = at_last;
    std::uint32_t best = last;
    if (at_last != Priority::idle)
        any_of_vcpus(allowed, [&](std::uint32_t vcpu) {
            const Priority most_urgent = load(vcpu).most_urgent();
            if (most_urgent < lowest) lowest = most_urgent, best = vcpu;
            return lowest == Priority::idle;
        });
    // The last one itself, or the first that is idle.
    if (lowest == Priority::idle) return best;
    return at_last < priority || lowest > priority ? last : best;
}

/// The vCPU of `others` whose queue holds the most urgent thread, if that is more urgent than `floor`; -1: there is
/// none.
template <typename LoadOf>
int most_urgent_elsewhere(Priority floor, VcpuSet others, LoadOf&& load) {
    int best = -1;
    any_of_vcpus(others, [&](std::uint32_t vcpu) {
        const Priority waiting = load(vcpu).waiting;
        if (waiting > floor) floor = waiting, best = static_cast<int>(vcpu);
        return false;
    });
    return best;
}

}  // namespace tenon
