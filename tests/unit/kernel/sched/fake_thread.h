// SPDX-License-Identifier: Apache-2.0
// What a queue of runnable threads needs to know of one.
#pragma once

#include "kernel/sched/placement.h"

namespace tenon::test {

struct FakeThread : ListLink<RunTag> {
    explicit FakeThread(Priority its_priority, VcpuSet its_affinity = every_vcpu)
        : priority_(its_priority), affinity_(its_affinity) {}
    [[nodiscard]] Priority priority() const { return priority_; }
    [[nodiscard]] bool may_run_on(std::uint32_t vcpu) const { return (affinity_ >> vcpu & 1) != 0; }

private:
    Priority priority_;
    VcpuSet affinity_;
};

}  // namespace tenon::test
