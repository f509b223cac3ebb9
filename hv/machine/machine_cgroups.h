// SPDX-License-Identifier: Apache-2.0
// The cgroups of one machine: what holds a guest that takes more memory or CPU time than it may. On v1 one for each
// controller, on v2 one for all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hv/core/cpu_cgroup.h"
#include "hv/core/error.h"
#include "hv/machine/config.h"
#include "hv/machine/machine_cgroup.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// What a machine of `memory_bytes` may use beyond its limit: the host's page tables for it, the stub, and on `kvm` hv.
[[nodiscard]] constexpr std::uint64_t memory_cgroup_allowance(std::uint64_t memory_bytes) {
    return (4ULL << 20) + memory_bytes / 128;
}

/// Removed with this object. To be made before hv confines itself; changed until its end.
class MachineCgroups {
public:
    struct Wishes {
        const MachineConfig& config;
        std::uint64_t helper_bytes;       ///< memory of a helper that take() is called for, in addition to the guest's
        std::optional<CpuSet> node_cpus;  ///< of config.cpu_policy.node
    };
    /// Those that the policies of `config` need; none if they need none. The CPU time of hv and of all processes that
    /// it starts from now on counts, and they run on the NUMA node. Errors: host_lacks, no_permission, not_found,
    /// usage; each names what is missing.
    static Result<MachineCgroups> create(const Wishes& wishes, const RunDirectory& directory);

    /// What this process maps from now on counts as the machine's memory: the guest's, a helper, or on `kvm` hv itself.
    Result<> take(pid_t process);
    /// Errors: those of CpuCgroup::set(); none and no effect without a CPU cgroup.
    Result<> set_cpu(const CpuBounds& bounds);

    [[nodiscard]] bool has_memory() const { return memory_ != none; }
    /// Nothing: no CPU cgroup, or the kernel does not say.
    [[nodiscard]] std::optional<CpuThrottling> throttling() const { return cpu_ ? cpu_->throttling() : std::nullopt; }
    /// In which hv removes directories when it ends.
    [[nodiscard]] std::vector<std::string> parents() const;

private:
    static constexpr std::size_t none = ~std::size_t{0};

    Result<> forget_former_life(const RunDirectory& directory);
    /// The index of the one with this controller: a new one, or on v2 the one that there is.
    Result<std::size_t> add(const CgroupController& controller, const std::string& where,
                            const RunDirectory& directory);
    Result<> add_memory(const Wishes& wishes, const RunDirectory& directory);
    Result<> add_cpu(const Wishes& wishes, const RunDirectory& directory);

    std::vector<MachineCgroup> groups_;
    std::string note_;  ///< their paths
    std::size_t memory_ = none;
    std::optional<CpuCgroup> cpu_;
};

}  // namespace hv
