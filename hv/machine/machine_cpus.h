// SPDX-License-Identifier: Apache-2.0
// The CPUs on which a machine's threads run.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>

#include "hv/core/cpu_set.h"
#include "hv/core/error.h"
#include "hv/machine/cpu_policy.h"

namespace hv {

class MachineCpus {
public:
    /// Looks which CPUs this process has, before it is bound to any. Errors: usage (a pin or a node that the host
    /// lacks), host_lacks.
    Result<> find(const CpuPolicy& policy);

    /// How many CPUs the machine's host has for it and others.
    [[nodiscard]] std::size_t host_count() const { return host_.count(); }
    [[nodiscard]] const std::optional<CpuSet>& node() const { return node_; }

    /// Errors: usage, naming the CPUs that the host lacks.
    Result<> check(const CpuPolicy& policy) const { return check_cpu_pins(policy, host_, node_); }
    /// The pin, or all CPUs of the machine.
    [[nodiscard]] CpuSet chosen(const std::optional<CpuSet>& pin) const;

private:
    CpuSet host_;
    std::optional<CpuSet> node_;
};

}  // namespace hv
