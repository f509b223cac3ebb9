// SPDX-License-Identifier: Apache-2.0
// Finding a machine's CPUs.
#include "hv/machine/machine_cpus.h"

#include "hv/core/numa_node.h"

namespace hv {

Result<> MachineCpus::find(const CpuPolicy& policy) {
    TRY(host_, CpuSet::of_this_thread());
    if (policy.node) {
        TRY(const CpuSet all, cpus_of_node(*policy.node));
        node_ = all.common_with(host_);
        if (node_->empty())
            return fail(ErrorKind::usage, "NUMA node " + std::to_string(*policy.node) + ": hv may use none of its " +
                                              "CPUs (" + all.text() + "; it has " + host_.text() + ")");
    }
    return check(policy);
}

CpuSet MachineCpus::chosen(const std::optional<CpuSet>& pin) const { return pin ? *pin : node_.value_or(host_); }

}  // namespace hv
